import Kafka
import Settings
import Testing

@testable import BaritoMarket

@Suite struct ConfigurationTests {
  private let required = ["database.url": "postgresql://localhost/x", "service.token": "0123456789abcdef"]

  private func configuration(_ values: [String: String] = [:]) throws -> MarketConfiguration {
    try MarketConfiguration(Market.program.reader(required.merging(values) { $1 }))
  }

  @Test("what is required is enough, and the defaults are for this machine alone")
  func defaults() throws {
    let configuration = try configuration()
    #expect(configuration.address.description == "127.0.0.1:8080")
    #expect(!configuration.addresses.isSecure)
    #expect(configuration.kafka.consumer.group == "barito-market")
    #expect(configuration.operations.produceURL == "http://127.0.0.1:8081/produce_batch")
  }

  @Test("a public URL without TLS is refused everywhere but on loopback")
  func publicURL() throws {
    #expect(throws: SettingsErrors.self) { try configuration(["public.url": "http://barito.example"]) }
    #expect(try configuration(["public.url": "https://barito.example"]).addresses.isSecure)
    #expect(throws: SettingsErrors.self) {
      try configuration(["retention.days": "100", "retention.maximum-days": "50"])
    }
  }
}

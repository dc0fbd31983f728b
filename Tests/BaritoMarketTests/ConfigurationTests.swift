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
    #expect(configuration.operations.router.produceURL == "http://127.0.0.1:8081/produce_batch")
    #expect(configuration.operations.router.forward.settingText == "tcp://127.0.0.1:24224")
  }

  @Test("the Router's other ports are beside its URL, unless they are said to be elsewhere")
  func ports() throws {
    let beside = try configuration(["router.url": "https://logs.example.com:8443/x"]).operations.router
    #expect(beside.forward.settingText == "tls://logs.example.com:24224")
    #expect(beside.syslog.settingText == "tls://logs.example.com:6514")
    let said = try configuration([
      "router.url": "https://logs.example.com", "router.forward-url": "tcp://[::1]:4224",
      "router.syslog-url": "TLS://syslog.example.com:601",
    ]).operations.router
    #expect(said.forward.settingText == "tcp://[::1]:4224" && said.forward.host == "::1")
    #expect(said.syslog.settingText == "tls://syslog.example.com:601")
    for wrong in ["udp://logs:1", "logs:1", "tcp://logs", "tls://:1"] {
      #expect(throws: SettingsErrors.self) { try configuration(["router.syslog-url": wrong]) }
    }
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

import Settings
import Testing

@testable import BaritoBench
@testable import BaritoFlow
@testable import BaritoRouter
@testable import Kafka

/// A comparison is worth what its settings have in common.
@Suite struct BareSettingsTests {
  private static let token = ["service.token": "0123456789abcdef"]

  @Test("the bare producer runs with the properties of the Router's")
  func producer() throws {
    var kafka = try RouterConfiguration(try RouterService.program.reader(Self.token)).kafka
    kafka.brokers = "kafka:9092"
    let ours = compared(BareSettings.producer(brokers: "kafka:9092"))
    #expect(ours == compared(kafka.producerProperties()))
    #expect(ours["acks"] == "all")
  }

  @Test("the bare consumer reads with the properties of Flow's, but for the group")
  func consumer() throws {
    let flow = try FlowConfiguration(try FlowService.program.reader(Self.token)).readerKafka
    let ofGroups: Set = [
      "group.id", "enable.auto.commit", "auto.commit.interval.ms", "session.timeout.ms", "max.poll.interval.ms",
      "heartbeat.interval.ms", "partition.assignment.strategy",
    ]
    let ours = compared(BareSettings.consumer(brokers: "127.0.0.1:9092")).filter { !ofGroups.contains($0.key) }
    #expect(ours == compared(flow.consumerProperties()).filter { !ofGroups.contains($0.key) })
    #expect(ours["queued.max.messages.kbytes"] == "32768")
  }

  @Test("properties that are given win")
  func given() {
    let properties = BareSettings.producer(brokers: "kafka:9092", ["linger.ms": "50"])
    #expect(properties["linger.ms"] == "50")
  }

  /// Without the name, where logs go, and the time-out, which never strikes.
  private func compared(_ properties: [String: String]) -> [String: String] {
    properties.filter { !["client.id", "log.queue", "message.timeout.ms"].contains($0.key) }
  }
}

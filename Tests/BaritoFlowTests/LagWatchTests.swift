import BaritoCore
import BaritoService
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import Metrics
import TestKit
import Testing

@testable import BaritoFlow

/// The lag as brokers tell it: the mock cluster, and a real one where `BARITO_TEST_KAFKA` names it.
@Suite(.timeLimit(.minutes(4))) struct LagWatchTests {
  private static let real = environmentVariable("BARITO_TEST_KAFKA")

  @Test(
    "the lag of each topic is known within a round, also of topics that nobody reads, and not of those that are gone",
    arguments: [false, true])
  func lag(isReal: Bool) async throws {
    guard !isReal || Self.real != nil else { return }
    let mock = isReal ? nil : MockCluster()
    let brokers = mock?.bootstraps ?? Self.real ?? ""
    let kafka = KafkaConfiguration(brokers: brokers, clientID: "test")
    let naming = TopicNaming(prefix: "lag\(UInt32.random(in: 0 ... .max)).")
    let group = "group-\(naming.prefix)"
    let (shop, desk) = (naming.topic(for: "shop"), naming.topic(for: "desk"))
    let admin = try KafkaAdmin(kafka)
    for topic in [shop, desk] {
      mock?.createTopic(topic, partitions: 2)
      if isReal { _ = try await admin.createTopic(topic, partitions: 2) }
    }
    let minuteAgo = ServiceClock.system.wallMilliseconds - 60_000
    let producer = try KafkaProducer(kafka)
    for topic in [shop, desk] {
      for number in 0..<20 {
        let time = minuteAgo + Int64(number) * 1000
        try await producer.send(Array(#"{"n":\#(number)}"#.utf8), to: topic, timestamp: time)
      }
    }
    let registry = MetricsRegistry()
    let watch = LagWatch(
      kafka: kafka, group: group, naming: naming, metrics: LagMetrics(registry), clock: .system, logger: .silent,
      interval: .milliseconds(200))
    let shutdown = GracefulShutdown()
    let running = Task { try await GracefulShutdown.$current.withValue(shutdown) { try await watch.run() } }
    func value(_ metric: String, _ topic: String) -> Double? {
      let line = String(decoding: registry.render(), as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix("\(metric){") && $0.contains("\"\(topic)\"") }
      return line.flatMap { Double($0.split(separator: " ").last ?? "") }
    }
    do {
      try await eventually(within: .seconds(60), "nothing is committed, so all is behind") {
        value("barito_flow_lag_records", shop) == 20 && (value("barito_flow_lag_seconds", shop) ?? 0) >= 55
      }
      try await commitAll(of: shop, kafka, group)
      try await eventually(within: .seconds(60), "one topic is finished, the other is not") {
        value("barito_flow_lag_records", shop) == 0 && value("barito_flow_lag_seconds", shop) == 0
          && value("barito_flow_lag_records", desk) == 20
      }
      if isReal {
        try await admin.deleteTopic(desk)
        try await eventually(within: .seconds(60), "a topic that is gone has no lag") {
          value("barito_flow_lag_records", desk) == nil && value("barito_flow_lag_records", shop) == 0
        }
      }
    } catch {
      Issue.record("\(error)\n\(String(decoding: registry.render(), as: UTF8.self))")
    }
    shutdown.request()
    _ = await running.result
    await producer.close(within: .seconds(5))
    await admin.close()
    withExtendedLifetime(mock) {}
  }

  private func commitAll(of topic: String, _ kafka: KafkaConfiguration, _ group: String) async throws {
    var configuration = kafka
    configuration.consumer.group = group
    let consumer = try KafkaConsumer(configuration)
    try await consumer.assign([TopicPartition(topic, 0): .beginning, TopicPartition(topic, 1): .beginning])
    var count = 0
    try await eventually(within: .seconds(60), "all is read") {
      let batch = try await consumer.nextBatch(wait: .milliseconds(500))
      count += batch.count
      try await consumer.store(batch.nextOffsets)
      return count == 20
    }
    try await consumer.commit()
    await consumer.close(within: .seconds(5))
  }
}

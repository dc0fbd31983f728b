import BaritoCore
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import Metrics
import Postgres
import TestKit
import Testing

@testable import BaritoMarket

@Suite struct OutboxTests {
  private func relay(_ market: MarketHarness, _ cluster: MockCluster) -> OutboxRelay {
    var kafka = cluster.configuration()
    kafka.producer.messageTimeout = .seconds(2)
    return OutboxRelay(
      database: market.database, kafka: kafka, changes: market.changes, metrics: market.metrics, logger: .silent,
      backoff: Backoff(base: .milliseconds(10), cap: .milliseconds(200)))
  }

  private func waiting(_ market: MarketHarness) async throws -> Int {
    try await market.database.transaction { try await OutboxStore($0).backlog().count }
  }

  private func records(_ cluster: MockCluster, _ count: Int) async throws -> [(
    key: String, request: ProvisioningRequest
  )] {
    let consumer = try KafkaConsumer(cluster.configuration())
    try await consumer.assign([TopicPartition(PlatformTopic.provisioningRequests, 0): .beginning])
    var all: [(String, ProvisioningRequest)] = []
    try await eventually("\(count) requests are in Kafka") {
      let batch = try await consumer.nextBatch(wait: .milliseconds(200))
      for record in batch.records {
        let request = try WireJSON.decode(ProvisioningRequest.self, from: Array(batch.bytes[record.value]))
        all.append((String(decoding: batch.bytes[record.key], as: UTF8.self), request))
      }
      return all.count >= count
    }
    _ = await consumer.close(within: .seconds(2))
    return all
  }

  @Test("what was registered while Kafka was down is sent when it is back, in order", .timeLimit(.minutes(1)))
  func kafkaDown() async throws {
    let cluster = MockCluster()
    cluster.createTopic(PlatformTopic.provisioningRequests)
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      cluster.takeDown()
      let shutdown = GracefulShutdown()
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        let relay = relay(market, cluster)
        tasks.addTask { try await GracefulShutdown.$current.withValue(shutdown) { try await relay.run() } }
        let group = try await market.group(by: ada)
        try await market.services.groups.delete(group.clusterName, by: ada)
        market.changes.fire()
        // Long enough for the relay to have failed: its message time-out is two seconds.
        try await eventually("an attempt failed") { market.metrics.outboxFailureCount > 0 }
        #expect(try await waiting(market) == 2)
        cluster.bringUp()
        try await eventually("the outbox is empty") { try await waiting(market) == 0 }
        let sent = try await records(cluster, 2)
        let kinds = sent.map(\.request.kind)
        #expect(kinds.first == .create)
        #expect(kinds.last == .delete)
        #expect(Set(sent.map(\.key)) == [group.clusterName.rawValue])
        shutdown.request()
      }
    }
  }

  @Test("several Markets send each message once, and those of a group in order", .timeLimit(.minutes(1)))
  func several() async throws {
    let cluster = MockCluster()
    cluster.createTopic(PlatformTopic.provisioningRequests)
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      for number in 0..<6 {
        let group = try await market.group("Group \(number)", by: ada)
        try await market.services.groups.delete(group.clusterName, by: ada)
      }
      let shutdown = GracefulShutdown()
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for _ in 0..<3 {
          let relay = relay(market, cluster)
          tasks.addTask { try await GracefulShutdown.$current.withValue(shutdown) { try await relay.run() } }
        }
        try await eventually("the outbox is empty") { try await waiting(market) == 0 }
        shutdown.request()
      }
      let sent = try await records(cluster, 12)
      #expect(sent.count == 12)
      #expect(Set(sent.map(\.request.id)).count == 12)
      for (_, requests) in Dictionary(grouping: sent, by: \.key) {
        #expect(requests.map(\.request.kind) == [.create, .delete])
      }
    }
  }

  @Test("events and usage in Kafka reach the database, and are applied once over two runs", .timeLimit(.minutes(1)))
  func consumer() async throws {
    let cluster = MockCluster()
    for topic in InboxConsumer.topics { cluster.createTopic(topic) }
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada).detail.app.id
      let request = try #require(try await market.newestRequest(of: group))
      let producer = try KafkaProducer(cluster.configuration())
      let report = UsageReport(
        service: "router", instance: "r", clusterName: group.clusterName, from: 0, to: market.time.milliseconds,
        apps: [AppUsage(app: app, accepted: 3, bytes: 30)])
      try await producer.send(
        try WireJSON.encode(request.event(.finished, cluster: demoEndpoints, at: 5)),
        to: PlatformTopic.provisioningEvents)
      try await producer.send(try WireJSON.encode(report), to: PlatformTopic.usage)
      // Two groups stand for a group whose offsets were lost: the second reads everything again.
      for (index, name) in ["barito-market", "barito-market-again"].enumerated() {
        var kafka = cluster.configuration()
        kafka.consumer.group = name
        let shutdown = GracefulShutdown()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          let consumer = InboxConsumer(inbox: market.inbox, kafka: kafka, logger: .silent)
          tasks.addTask { try await GracefulShutdown.$current.withValue(shutdown) { try await consumer.run() } }
          try await eventually(within: .seconds(30), "both records were dealt with") {
            market.metrics.appliedCount == 2 * (index + 1)
          }
          shutdown.request()
        }
      }
      #expect(try await market.services.groups.find(group.clusterName, ada).group.status == .active)
      let total = try await market.database.transaction { try await UsageStore($0).total(of: app) }
      #expect(total.accepted == 3)
      await producer.close(within: .seconds(2))
    }
  }
}

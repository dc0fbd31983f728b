import BaritoCore
import Glibc
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import Metrics
import PathfinderSimulator
import Settings
import TestKit
import Testing

@testable import BaritoProvisioner
@testable import BaritoService

/// The service on a mock Kafka, with stand-ins for all others.
@Suite("Service", .serialized, .timeLimit(.minutes(4))) struct ServiceTests {
  private let kafka: MockCluster

  init() {
    kafka = MockCluster()
    kafka.createTopic(PlatformTopic.provisioningRequests)
    kafka.createTopic(PlatformTopic.provisioningEvents)
  }

  private func send(_ requests: [ProvisioningRequest]) async throws {
    let producer = try KafkaProducer(kafka.configuration())
    for request in requests {
      try await producer.send(
        try WireJSON.encode(request), key: Array(request.clusterName.rawValue.utf8),
        to: PlatformTopic.provisioningRequests)
    }
    await producer.close(within: .seconds(5))
  }

  private func watcher() async throws -> KafkaConsumer {
    let consumer = try KafkaConsumer(kafka.configuration())
    try await consumer.assign([TopicPartition(PlatformTopic.provisioningEvents, 0): .beginning])
    return consumer
  }

  /// Reads on until the condition holds of all events so far.
  private func wait(
    _ consumer: KafkaConsumer, _ events: inout [ProvisioningEvent], _ what: String,
    within limit: Duration = .seconds(40),
    _ condition: ([ProvisioningEvent]) -> Bool
  ) async throws {
    try await eventually(within: limit, what) {
      let batch = try await consumer.nextBatch(wait: .milliseconds(50))
      for record in batch.records {
        #expect(String(decoding: batch.bytes[record.key], as: UTF8.self) == "haza")
        events.append(try WireJSON.decode(ProvisioningEvent.self, from: Array(batch.bytes[record.value])))
      }
      return condition(events)
    }
  }

  @Test("a group on this machine's Kafka and Elasticsearch is finished when a line has come through")
  func local() async throws {
    try await StubPlatform.with { platform, url in
      platform.set { $0.refusals = [(503, "group_not_ready")] }
      let settings = [
        "kafka.brokers": kafka.bootstraps, "market.url": url, "router.url": url, "local.elasticsearch.url": url,
        "service.token": "service-token-of-tests", "poll.interval": "100ms",
      ]
      let configuration = try ProvisionerConfiguration(ProvisionerService.program.reader(settings))
      let context = ServiceContext(
        logger: .silent, metrics: MetricsRegistry(), readiness: Readiness(), clock: .system, instance: "test")
      let group = ServiceGroup(
        services: try await ProvisionerService.build(configuration, context), logger: .silent)
      async let ended: Void = group.run()
      try await send([request()])
      var events: [ProvisioningEvent] = []
      try await wait(try await watcher(), &events, "the group is finished") { $0.contains { $0.status == .finished } }
      #expect(context.readiness.isReady)
      group.trigger()
      try await ended
      let verifying = events.first { $0.status == .verifying }?.cluster
      #expect(verifying?.kafkaBrokers == kafka.bootstraps)
      #expect(verifying?.elasticsearchURL == url)
      #expect(verifying?.naming == .shared(by: ClusterName("haza")))
      #expect(Set(events.compactMap(\.component)) == ["local-kafka", "local-elasticsearch"])
      #expect(events.last?.message.contains("searchable") == true)
      // The offset was stored: whoever comes next has nothing to do.
      let next = try KafkaConsumer(configuration.consumerKafka)
      let partition = TopicPartition(PlatformTopic.provisioningRequests, 0)
      #expect(try await next.committed([partition]) == [partition: 1])
      await next.close(within: .seconds(5))
    }
  }

  @Test("a process that is killed again and again ends as one that was not")
  func killed() async throws {
    try await StubPlatform.with { platform, url in
      let simulator = PathfinderSimulator()
      let settings = [
        "kafka-brokers": kafka.bootstraps, "market-url": url, "router-url": url, "driver": "pathfinder",
        "pathfinder-url": try simulator.start(), "pathfinder-token": "pathfinder-token",
        "service-token": "service-token-of-tests", "poll-interval": "50ms", "admin-address": "127.0.0.1:0",
        "verify-timeout": "1s", "log-level": "error", "kafka-property": "session.timeout.ms=6000",
      ]
      try await send([request()])
      let consumer = try await watcher()
      var events: [ProvisioningEvent] = []
      for (life, kill) in [ProvisioningStatus.deploymentFinished, .provisioningFinished].enumerated() {
        let process = try ProvisionerProcess(settings)
        try await wait(consumer, &events, "\(kill) is told") { events in
          // The first one comes no further, however fast it is.
          if life > 0 { simulator.tick() }
          return events.contains { $0.status == kill && $0.component == nil }
            && events.filter { $0.status == .pending && $0.component == nil }.count == life + 1
        }
        process.end(SIGKILL)
      }
      let process = try ProvisionerProcess(settings)
      try await wait(consumer, &events, "the request ends") {
        simulator.tick()
        return $0.last?.message.contains("No line came through") == true
      }
      #expect(process.end(SIGTERM) == 0)
      #expect(simulator.containers.count == 4)
      #expect(simulator.containers.allSatisfy { $0.status == "BOOTSTRAPPED" })
      let told = events.filter { $0.component == nil }.map(\.status)
      #expect(told.filter { $0 == .pending }.count == 3)
      #expect(
        Set(told) == [
          .pending, .deploymentStarted, .deploymentFinished, .provisioningStarted, .provisioningFinished,
          .bootstrapStarted, .bootstrapFinished, .verifying, .verifyError,
        ])
      // Nothing listens where the containers' addresses point, so the proof fails and says so.
      #expect(events.last?.message.contains("No line came through") == true)
      await simulator.stop()
    }
  }
}

import BaritoCore
import BaritoService
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import Metrics

@testable import BaritoFlow

extension IndexPipeline {
  /// A pipeline over a cluster in this process, which can be stopped and started again.
  static func test(
    _ cluster: MockCluster, _ url: String, _ topics: TopicList, records: Int = 200, concurrency: Int = 4,
    readAhead: Int = 1 << 20, properties: [String: String] = [:], profiles: ProfileFeed = .silent,
    isRedacting: Bool = false, metrics: FlowMetrics = FlowMetrics(MetricsRegistry()), clock: ServiceClock = .system,
    logger: Logger = .silent
  ) throws -> IndexPipeline {
    var kafka = cluster.configuration(properties: ["heartbeat.interval.ms": "300"].merging(properties) { $1 })
    kafka.consumer.group = "barito-flow"
    kafka.consumer.queuedKilobytes = readAhead / 1024
    kafka.consumer.sessionTimeout = .seconds(6)
    kafka.consumer.maxPollInterval = .seconds(60)
    let naming = TopicNaming()
    let backoff = Backoff(base: .milliseconds(20), cap: .milliseconds(200))
    let elasticsearch = ElasticsearchClient(url: url, authorization: nil, clients: 5, timeout: .seconds(5))
    let sender = BulkSender(
      MappingFirewall(
        elasticsearch: elasticsearch, naming: naming, metrics: metrics.mapping, logger: logger, now: { 0 }),
      concurrency: concurrency, slow: .seconds(5), metrics: metrics, clock: .system, logger: logger)
    return IndexPipeline(
      intake: Intake(
        consumer: try KafkaConsumer(kafka), topics: topics,
        limits: BatchLimits(count: records, bytes: 1 << 20, age: .milliseconds(5)),
        sender: sender, backoff: backoff, shares: TopicShares(profiles: profiles), election: Election(),
        metrics: metrics, clock: clock, logger: logger),
      delivery: BatchDelivery(
        sender: sender, naming: naming, backoff: backoff,
        usage: TopicUsage(profiles: profiles, usage: UsageCounter(now: 0)),
        redaction: isRedacting ? TopicRedaction(profiles: profiles, logger: logger) : nil, metrics: metrics))
  }
}

extension ProfileFeed {
  /// One that never hears of any profile.
  static var silent: ProfileFeed {
    ProfileFeed(
      market: MarketClient(url: "http://127.0.0.1:1", token: "x", clients: 1), snapshotPath: nil, logger: .silent)
  }
}

/// Runs a service while the body does, then asks it to stop.
func running(_ service: some Service, _ body: () async throws -> Void) async throws {
  let shutdown = GracefulShutdown()
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await GracefulShutdown.$current.withValue(shutdown) { try await service.run() } }
    defer { shutdown.request() }
    try await body()
    shutdown.request()
    try await group.waitForAll()
  }
}

/// What became of records, in numbers alone.
struct Ended: Equatable {
  var indexed = 0
  var duplicates = 0
  var quarantined = 0
}

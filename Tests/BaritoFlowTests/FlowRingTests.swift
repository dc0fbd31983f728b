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

@Suite(.timeLimit(.minutes(1))) struct FlowRingTests {
  /// A worker over a cluster in this process, which can be stopped and started again.
  private func worker(_ cluster: MockCluster, _ url: String, _ topics: TopicList) throws -> IndexWorker {
    var kafka = cluster.configuration(properties: ["heartbeat.interval.ms": "300"])
    kafka.consumer.group = "barito-flow"
    kafka.consumer.sessionTimeout = .seconds(6)
    kafka.consumer.maxPollInterval = .seconds(60)
    let profiles = ProfileFeed(
      market: MarketClient(url: "http://127.0.0.1:1", token: "x", clients: 1), snapshotPath: nil, logger: .silent)
    return IndexWorker(
      consumer: try KafkaConsumer(kafka), topics: topics,
      elasticsearch: ElasticsearchClient(url: url, authorization: nil, clients: 2, timeout: .seconds(5)),
      naming: TopicNaming(), limits: BatchLimits(count: 200, bytes: 1 << 20, age: .zero),
      backoff: Backoff(base: .milliseconds(20), cap: .milliseconds(200)),
      usage: TopicUsage(profiles: profiles, usage: UsageCounter(now: 0)), metrics: FlowMetrics(MetricsRegistry()),
      clock: .system, worker: 1, logger: .silent)
  }

  private func running(_ service: some Service, _ body: () async throws -> Void) async throws {
    let shutdown = GracefulShutdown()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await GracefulShutdown.$current.withValue(shutdown) { try await service.run() } }
      defer { shutdown.request() }
      try await body()
      shutdown.request()
      try await group.waitForAll()
    }
  }

  private func send(_ values: [String], to topic: String, _ cluster: MockCluster) async throws {
    let producer = try KafkaProducer(cluster.configuration())
    for value in values { try await producer.send(Array(value.utf8), to: topic) }
    await producer.close(within: .seconds(5))
  }

  private func committed(_ topic: String, _ cluster: MockCluster) async throws -> Int64 {
    var kafka = cluster.configuration()
    kafka.consumer.group = "barito-flow"
    let consumer = try KafkaConsumer(kafka)
    let offset = try await consumer.committed([TopicPartition(topic, 0)])[TopicPartition(topic, 0)] ?? 0
    await consumer.close(within: .seconds(5))
    return offset
  }

  @Test("a worker that is stopped between bulk and store loses and doubles nothing, and poison holds nobody")
  func stopped() async throws {
    let cluster = MockCluster()
    cluster.createTopic("shop_logs")
    cluster.createTopic("new_topic_events")
    let values = (0..<60).map { $0 % 20 == 7 ? #"{"poison":\#($0)}"# : $0 % 20 == 9 ? "text \($0)" : #"{"n":\#($0)}"# }
    try await send(values, to: "shop_logs", cluster)
    // Everything is done and no answer is heard.
    let elasticsearch = try StubElasticsearch { _ in .lost }
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(["shop_logs"])
    try await running(try worker(cluster, elasticsearch.url, topics)) {
      try await eventually(within: .seconds(25), "the first documents are there") {
        !elasticsearch.model.indexed.isEmpty
      }
    }
    #expect(try await committed("shop_logs", cluster) == 0)
    let faults: [ModelElasticsearch.Fault?] = [
      .unavailable, .busy, .cut, .someBusy, .lost, .short, .someBlocked, .garbage, .forbidden,
    ]
    let before = elasticsearch.requests
    elasticsearch.fault { $0 - before < faults.count ? faults[$0 - before] : nil }
    try await running(try worker(cluster, elasticsearch.url, topics)) {
      try await eventually(within: .seconds(25), "every record is finished") {
        let model = elasticsearch.model
        return try model.indexed.count + model.quarantined.count == values.count
      }
      try await eventually("the offsets are stored") { try await committed("shop_logs", cluster) == 60 }
    }
    let model = elasticsearch.model
    #expect(model.indexed.sorted() == values.filter { $0.hasPrefix(#"{"n""#) }.sorted())
    let quarantined = try model.quarantined
    #expect(quarantined.compactMap(\.raw).sorted() == values.filter { !$0.hasPrefix(#"{"n""#) }.sorted())
    #expect(
      quarantined.allSatisfy { $0.topic == "shop_logs" && !$0.reason.isEmpty && values[Int($0.offset)] == $0.raw })
    await elasticsearch.stop()
  }

  @Test("a new topic is read from its oldest record soon after its event")
  func newTopic() async throws {
    let cluster = MockCluster()
    cluster.createTopic("new_topic_events")
    let elasticsearch = try StubElasticsearch()
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    let watcher = TopicWatcher(
      configuration: cluster.configuration(), topics: topics, logger: .silent)
    let worker = try worker(cluster, elasticsearch.url, topics)
    try await running(watcher) {
      try await running(worker) {
        try await eventually("the worker is in its group") { await !worker.consumer.assignment.isEmpty }
        cluster.createTopic("late_logs")
        try await send([#"{"first":1}"#], to: "late_logs", cluster)
        try await eventually(within: .seconds(5), "the event was heard") {
          try await send(["late_logs"], to: "new_topic_events", cluster)
          return topics.current.topics.contains("late_logs")
        }
        try await eventually("it is indexed") { elasticsearch.model.indexed == [#"{"first":1}"#] }
      }
    }
    await elasticsearch.stop()
  }

  @Test("topics that were there before are found without any event")
  func listing() async throws {
    let cluster = MockCluster()
    cluster.createTopic("new_topic_events")
    cluster.createTopic("old_logs")
    let topics = TopicList(always: [], naming: TopicNaming())
    try await running(TopicWatcher(configuration: cluster.configuration(), topics: topics, logger: .silent)) {
      try await eventually("it is found") { topics.current.topics == ["old_logs"] }
    }
  }

  @Test("an app whose index is read-only holds up nobody else, and loses nothing once it can be written again")
  func parkedLane() async throws {
    let cluster = MockCluster()
    for topic in ["red_logs", "green_logs", "new_topic_events"] { cluster.createTopic(topic) }
    try await send((0..<50).map { #"{"red":\#($0)}"# }, to: "red_logs", cluster)
    try await send((0..<50).map { #"{"green":\#($0)}"# }, to: "green_logs", cluster)
    let elasticsearch = try StubElasticsearch()
    elasticsearch.readOnly(["red-"])
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(["red_logs", "green_logs"])
    try await running(try worker(cluster, elasticsearch.url, topics)) {
      try await eventually(within: .seconds(25), "the neighbour's records are finished") {
        elasticsearch.model.indexed.count == 50
      }
      // Tried again and again, and what comes meanwhile for the neighbour goes through.
      let before = elasticsearch.requests
      try await eventually(within: .seconds(25), "the lane is tried again") { elasticsearch.requests > before + 3 }
      try await send((50..<100).map { #"{"green":\#($0)}"# }, to: "green_logs", cluster)
      try await eventually(within: .seconds(25), "the neighbour goes on") { elasticsearch.model.indexed.count == 100 }
      #expect(try await committed("red_logs", cluster) == 0)
      try await send((50..<60).map { #"{"red":\#($0)}"# }, to: "red_logs", cluster)
      elasticsearch.readOnly([])
      try await eventually(within: .seconds(25), "every record is finished") {
        elasticsearch.model.indexed.count == 160
      }
      try await eventually("the offsets are stored") { try await committed("red_logs", cluster) == 60 }
    }
    let expected = (0..<60).map { #"{"red":\#($0)}"# } + (0..<100).map { #"{"green":\#($0)}"# }
    #expect(elasticsearch.model.indexed.sorted() == expected.sorted())
    await elasticsearch.stop()
  }
}

import BaritoCore
import Curl
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import Metrics
import Settings
import Synchronization
import TestKit

@testable import BaritoService
@testable import BaritoTail

#if canImport(Glibc)
  import Glibc
#endif

/// The whole service on a port of its own, with a stub of Market and Kafka: a real one if `BARITO_TEST_KAFKA` names it,
/// else a mock cluster.
final class TailHarness: Sendable {
  static let realKafka: String? = getenv("BARITO_TEST_KAFKA").map { String(cString: $0) }
  static let token = "token-of-ada"
  private static let numbers = Atomic<Int64>(1000)

  let market: StubMarket
  let mock: MockCluster?
  let brokers: String
  let log = RecordingSink()
  let metrics = MetricsRegistry()
  let group: ServiceGroup
  let port: Int
  private let running: Task<Void, any Error>
  private let producer: KafkaProducer
  private let cluster = ClusterName("c\(UInt32.random(in: 0..<UInt32.max))")

  init(_ settings: [String: String] = [:]) async throws {
    market = try StubMarket()
    mock = Self.realKafka == nil ? MockCluster() : nil
    brokers = Self.realKafka ?? mock?.bootstraps ?? ""
    let endpoints = ClusterEndpoints(
      kafkaBrokers: brokers, elasticsearchURL: "http://127.0.0.1:1", naming: .shared(by: cluster))
    let shop = GroupProfile(clusterName: cluster, name: "Shop", status: .active, cluster: endpoints)
    market.state.withLock { $0.page.groups = [shop] }
    var values = [
      "http.address": "127.0.0.1:0", "market.url": market.url, "service.token": "a-token-of-the-platform",
      "sessions.topic-check": "200ms", "sessions.heartbeat": "300ms", "access.recheck": "300ms",
      // One broker of a mock cluster answers with all it has, whatever the client asks.
      "kafka.property.receive.message.max.bytes": "2000000000",
    ]
    values.merge(settings) { _, new in new }
    let configuration = try TailConfiguration(TailService.program.reader(values))
    let context = ServiceContext(
      logger: Logger(log, level: .debug), metrics: metrics, readiness: Readiness(), clock: .system, instance: "test")
    group = ServiceGroup(
      services: try await TailService.build(configuration, context), logger: Logger(log, level: .debug))
    let address = log.events.first { $0.message == "viewers may connect" }?.metadata["address"] ?? ""
    port = Int(address.split(separator: ":").last ?? "") ?? 0
    var kafka = KafkaConfiguration(brokers: brokers, clientID: "test")
    kafka.producer.lingerMilliseconds = 1
    producer = try KafkaProducer(kafka)
    let group = group
    running = Task { try await group.run() }
  }

  func stop() async {
    group.trigger()
    await producer.close(within: .seconds(5))
    _ = try? await running.value
    await market.stop()
  }

  /// Registers an app that Ada may read; its topic is made unless `partitions` is nil.
  func makeApp(_ name: String, partitions: Int? = 1) async throws -> TestApp {
    let id = AppID(Self.numbers.wrappingAdd(1, ordering: .relaxed).newValue)
    let app = TestApp(id: id, name: name, topic: TopicNaming.shared(by: cluster).topic(for: name))
    if partitions == nil, let mock {
      // A mock cluster makes a topic when somebody asks for it.
      mock.createTopic(app.topic, partitions: 2)
      mock.setTopicError(app.topic, .unknownTopic)
    }
    market.state.withLock { state in
      state.page.apps.append(AppProfile(id: id, clusterName: cluster, name: name, topicName: name, retentionDays: 1))
      state.page.version += 1
      state.readable[Self.token, default: [:]][name] = id
    }
    if let partitions { try await makeTopic(app.topic, partitions) }
    // The feed brings the app.
    try await eventually("the app is known") {
      try await tail("app=\(name)&tail=0&until=2020-01-01T00:00:00Z").response().status != 503
    }
    return app
  }

  func makeTopic(_ topic: String, _ partitions: Int) async throws {
    if let mock { return mock.createTopic(topic, partitions: partitions) }
    let admin = try KafkaAdmin(KafkaConfiguration(brokers: brokers))
    _ = try await admin.createTopic(topic, partitions: partitions)
    try await eventually("the topic has leaders") {
      try await admin.describe(topic)?.filter { $0.leader >= 0 }.count == partitions
    }
    await admin.close()
  }

  /// Sends documents and waits until Kafka has them.
  func produce(
    _ documents: [String], to app: TestApp, at timestamp: Int64 = ServiceClock.system.wallMilliseconds,
    headers: [[KafkaHeader]] = []
  ) async throws {
    var bytes: [UInt8] = []
    var messages: [ProducerMessage] = []
    for (index, document) in documents.enumerated() {
      let start = bytes.count
      bytes += document.utf8
      messages.append(ProducerMessage(value: start..<bytes.count, headers: headers.isEmpty ? [] : headers[index]))
    }
    let ticket = DeliveryTicket()
    try producer.produce(messages, in: bytes.span, to: app.topic, timestamp: timestamp, headers: [], ticket: ticket)
    try await ticket.result.get()
  }

  /// Opens a session as Ada.
  func tail(_ query: String, token: String? = TailHarness.token, accept: String = "application/x-ndjson") -> Viewer {
    Viewer("http://127.0.0.1:\(port)/v1/tail?\(query)", token: token, accept: accept)
  }
}

struct TestApp: Sendable {
  var id: AppID
  var name: String
  var topic: String
}

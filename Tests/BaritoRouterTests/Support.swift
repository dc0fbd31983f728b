import BaritoCore
import BaritoService
import Compression
import FoundationEssentials
import HTTP
import Kafka
import KafkaTesting
import Logging
import Metrics
import Synchronization
import TestKit
import Testing

@testable import BaritoRouter

extension GroupProfile {
  static func named(
    _ name: String = "haza", status: Status = .active, brokers: String? = "127.0.0.1:1",
    limits: IngestLimits = .unlimited
  ) -> GroupProfile {
    GroupProfile(
      clusterName: ClusterName(name), name: name, status: status, secrets: [SecretHash(of: "group-\(name)")],
      cluster: brokers.map { ClusterEndpoints(kafkaBrokers: $0, elasticsearchURL: "http://127.0.0.1:1") },
      limits: limits)
  }
}

extension AppProfile {
  static func named(
    _ name: String, id: Int64 = 1, in group: String = "haza", status: Status = .active,
    limits: IngestLimits = .unlimited, overload: Overload = .refuse, isProbe: Bool = false
  ) -> AppProfile {
    AppProfile(
      id: AppID(id), clusterName: ClusterName(group), name: name, topicName: name.lowercased(), status: status,
      secrets: [SecretHash(of: "secret-\(name)")], limits: limits, overload: overload, isProbe: isProbe)
  }
}

extension ProfileDirectory {
  init(_ groups: [GroupProfile], _ apps: [AppProfile]) {
    self.init()
    apply(ProfilePage(version: 1, groups: groups, apps: apps))
  }
}

extension BodyReader.Limits {
  static let test = BodyReader.Limits(
    bodyBytes: 1 << 20, inflatedBytes: 4 << 20, documentBytes: 100_000, items: 10_000)
}

/// A path that no other test has.
func temporaryPath() -> String {
  FileManager.default.temporaryDirectory.appending(path: "barito-\(UInt64.random(in: 0...UInt64.max)).json").path
}

/// A Router without a socket, over a cluster of its own in this process.
struct RouterUnderTest {
  let cluster: MockCluster
  let profiles: ProfileFeed
  let clusters: Clusters
  let limiter = IngestLimiter()
  let bytes: AppBytes
  let usage = UsageCounter(now: 0)
  let registry = MetricsRegistry()
  let pipeline: IngestPipeline
  let routes: Routes

  /// - Parameters:
  ///   - apps: what a snapshot holds; nil for no snapshot.
  ///   - group: where its brokers are is filled in.
  ///   - market: where Market is; nobody listens by default.
  ///   - patience: with a Kafka that is silent. Long by default: a busy machine is no fault.
  init(
    apps: [AppProfile]?, group: GroupProfile = .named(), market: String = "http://127.0.0.1:1",
    limits: BodyReader.Limits = .test, timeout: Duration = .seconds(5), patience: Duration = .seconds(30),
    clock: ServiceClock = .system,
    bytes: AppBytes = AppBytes(), logger: Logger = .silent, cluster: MockCluster = MockCluster(), brokers: String? = nil
  ) async throws {
    self.cluster = cluster
    self.bytes = bytes
    let client = MarketClient(url: market, token: "the-service-token")
    let path = temporaryPath()
    if let apps {
      var group = group
      group.cluster?.kafkaBrokers = brokers ?? cluster.bootstraps
      let page = ProfilePage(version: 1, groups: [group], apps: apps)
      try Data(try WireJSON.encode(page)).write(to: URL(filePath: path))
    }
    profiles = ProfileFeed(market: client, snapshotPath: path, logger: logger)
    await profiles.restore()
    try? FileManager.default.removeItem(atPath: path)
    var kafka = cluster.configuration()
    kafka.brokers = brokers ?? kafka.brokers
    kafka.producer.messageTimeout = timeout
    kafka.producer.lingerMilliseconds = 1
    clusters = Clusters(kafka, patience: patience, logger: logger)
    let metrics = RouterMetrics(registry, bodyLimit: limits.bodyBytes)
    pipeline = IngestPipeline(
      profiles: profiles, newApps: NewApps(market: client, profiles: profiles), clusters: clusters, limiter: limiter,
      usage: usage, metrics: metrics, clock: clock, bytes: bytes)
    routes = RouterService.routes(
      pipeline,
      BodyReader(limits: limits, inflater: Inflater()))
  }

  func post(
    _ path: String, _ headers: HTTPHeaders, _ body: [UInt8]
  ) async throws -> Answer {
    let request = try #require(HTTPRequest(method: "POST", target: path, headers: headers))
    return Answer(await routes.respond(to: request, body: body))
  }

  func post(_ path: String, _ headers: HTTPHeaders, _ body: String) async throws -> Answer {
    try await post(path, headers, Array(body.utf8))
  }

  func metric(_ line: String) -> Bool {
    String(decoding: registry.render(), as: UTF8.self).split(separator: "\n").contains { $0 == line }
  }

  func close() async { await clusters.close(within: .seconds(5)) }

  /// Values of a topic in the order of its partitions, and where they are.
  func records(_ topic: String, _ count: Int) async throws -> [Stored] {
    try await cluster.records(topic, count)
  }
}

/// What Kafka keeps.
struct Stored: Equatable {
  var partition: Int32
  var offset: Int64
  var value: String
  var timestamp: Int64
  var headers: [String: String]
}

extension MockCluster {
  /// Reads a topic from its beginning until so many records came.
  func records(_ topic: String, _ count: Int) async throws -> [Stored] {
    let consumer = try KafkaConsumer(configuration())
    let admin = try KafkaAdmin(configuration())
    var starts: [TopicPartition: StartOffset] = [:]
    try await eventually("the topic is there") { try await admin.partitionCount(of: topic) != nil }
    for partition in 0..<(try await admin.partitionCount(of: topic) ?? 0) {
      starts[TopicPartition(topic, Int32(partition))] = .beginning
    }
    try await consumer.assign(starts)
    var all: [Stored] = []
    try await eventually("\(count) records are in \(topic)") {
      let batch = try await consumer.nextBatch()
      for record in batch.records {
        var headers: [String: String] = [:]
        for header in batch.headers(of: record) { headers[header.name] = String(decoding: header.value, as: UTF8.self) }
        all.append(
          Stored(
            partition: record.partition, offset: record.offset,
            value: String(decoding: batch.bytes[record.value], as: UTF8.self), timestamp: record.timestamp,
            headers: headers))
      }
      return all.count >= count
    }
    await consumer.close(within: .seconds(5))
    await admin.close()
    return all.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
  }
}

/// An answer as a sender reads it.
struct Answer {
  var status: Int
  var headers: HTTPHeaders
  var text: String

  init(_ response: HTTPResponse) {
    status = response.status
    headers = response.headers
    guard case .bytes(let bytes) = response.body else {
      text = ""
      return
    }
    text = String(decoding: bytes, as: UTF8.self)
  }

  struct Problem: Decodable {
    var status: Int
    var code: String
    var title: String
    var detail: String
    var offset: Int?
    var limit: Int?
  }

  struct Receipt: Decodable {
    struct Range: Decodable {
      var partition: Int32
      var firstOffset: Int64
      var lastOffset: Int64
      var count: Int

      enum CodingKeys: String, CodingKey {
        case partition, count
        case firstOffset = "first_offset"
        case lastOffset = "last_offset"
      }
    }
    var topic: String
    var accepted: Int
    var bytes: Int
    var receipt: [Range]
  }

  var problem: Problem {
    get throws { try JSONDecoder().decode(Problem.self, from: Data(text.utf8)) }
  }

  var receipt: Receipt {
    get throws { try JSONDecoder().decode(Receipt.self, from: Data(text.utf8)) }
  }
}

/// Random numbers that are the same in each run.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Keeps what is logged.
final class LogRecorder: LogSink {
  private let lines = Mutex<[String]>([])

  func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
    lines.withLock { $0.append("\(level) \(message) \(metadata)") }
  }

  var text: String { lines.withLock { $0.joined(separator: "\n") } }
  var logger: Logger { Logger(self, level: .trace) }
}

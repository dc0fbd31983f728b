import BaritoCore
import BaritoService
import Curl
import FoundationEssentials
import HTTP
import Lifecycle
import Logging
import Metrics
import Synchronization
import TestKit
import Testing

@testable import BaritoFlow

@Suite(.timeLimit(.minutes(5))) struct RetentionTests {
  private static let now: Int64 = 1_795_996_800_000  // 2026-11-30
  private static let group = ClusterName("haza")

  private static let page = ProfilePage(
    version: 7,
    groups: [
      GroupProfile(
        clusterName: group, name: "Haza", status: .active,
        cluster: ClusterEndpoints(kafkaBrokers: "k:1", elasticsearchURL: "http://e:1"))
    ],
    apps: [AppProfile(id: AppID(1), clusterName: group, name: "Shop", topicName: "shop", retentionDays: 7)])

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

  private func retention(
    _ server: IndicesServer, _ profiles: ProfileFeed, _ election: Election, _ registry: MetricsRegistry
  ) -> Retention {
    Retention(
      sweep: RetentionSweep(
        elasticsearch: ElasticsearchClient(url: server.url, authorization: nil, clients: 1, timeout: .seconds(300)),
        naming: TopicNaming()),
      profiles: profiles, topics: TopicList(always: [], naming: TopicNaming()), group: nil, unknownDays: nil,
      election: election, metrics: RetentionMetrics(registry),
      clock: ServiceClock(wall: { Self.now }, monotonic: { 0 }), logger: .silent, interval: .milliseconds(20),
      patience: .milliseconds(20))
  }

  @Test("the elected Flow deletes what is due, on Market's word only")
  func elected() async throws {
    let server = try IndicesServer(["shop-2026.11.22", "shop-2026.11.23", "other-2001.01.01"], epoch: Self.now / 1000)
    var routes = Routes()
    routes.get(InternalAPI.profilesPath) { _ in .json(try WireJSON.encode(Self.page)) }
    let market = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    let url = "http://127.0.0.1:\(try market.start())"
    let snapshot = try makeTemporaryFolder()
    defer { removeFolder(snapshot) }
    // Of an earlier life: it was right then.
    try Data(try WireJSON.encode(Self.page)).write(to: URL(filePath: "\(snapshot)/profiles.json"))
    let profiles = ProfileFeed(
      market: MarketClient(url: url, token: "x", clients: 1), snapshotPath: "\(snapshot)/profiles.json", logger: .silent
    )
    await profiles.restore()
    let (election, registry) = (Election(), MetricsRegistry())
    let retention = retention(server, profiles, election, registry)
    #expect(profiles.unreadyReason == nil && !retention.mayDelete)
    election.isElected = true
    #expect(!retention.mayDelete, "a snapshot is not enough")
    try await running(profiles) {
      try await eventually(within: .seconds(120), "Market was heard") { retention.mayDelete }
      election.isElected = false
      #expect(!retention.mayDelete)
      election.isElected = true
      try await running(retention) {
        try await eventually(within: .seconds(120), "what is due is deleted") {
          server.indices == ["shop-2026.11.23", "other-2001.01.01"]
        }
        try await eventually(within: .seconds(120), "it is counted") {
          String(decoding: registry.render(), as: UTF8.self)
            .contains("barito_flow_retention_deleted_indices_total 1")
        }
        // A late line makes the day's index again.
        server.add("shop-2026.11.22")
        try await eventually(within: .seconds(120), "it is deleted again") {
          !server.indices.contains("shop-2026.11.22")
        }
      }
    }
    #expect(server.deletions.allSatisfy { $0 == "shop-2026.11.22" })
    await market.stop()
    await server.stop()
  }

  @Test("a server that is busy, or whose clock is not ours, loses nothing")
  func faults() async throws {
    let server = try IndicesServer(["shop-2026.11.01"], epoch: Self.now / 1000 + 86_400)
    var rules = RetentionRules()
    rules.keep("shop", days: 7)
    let sweep = RetentionSweep(
      elasticsearch: ElasticsearchClient(url: server.url, authorization: nil, clients: 1, timeout: .seconds(300)),
      naming: TopicNaming())
    await #expect(throws: SearchFailure.self) { try await sweep.plan(rules, now: Self.now) }
    #expect(try await sweep.plan(rules, now: Self.now + 86_400_000).deletions.count == 1)
    server.fail(with: 503)
    await #expect(throws: SearchFailure.self) { try await sweep.plan(rules, now: Self.now + 86_400_000) }
    await #expect(throws: SearchFailure.self) { try await sweep.delete(["shop-2026.11.01"]) }
    #expect(server.indices == ["shop-2026.11.01"])
    await server.stop()
  }

  @Test("a dry run says what would go, and why")
  func report() {
    var rules = RetentionRules()
    rules.keep("shop", days: 7)
    let today = IndexDay.day(at: Self.now)
    #expect(
      RetentionCommand.report(RetentionPlan(["shop-2026.11.01", "shop-2026.11.29"], rules, today: today), rules)
        == """
        shop-2026.11.01: its day ended 28 days ago, and is kept for 7
        1 indices would be deleted; 1 apps have their days

        """)
  }
}

/// Elasticsearch as far as listing and deleting indices goes, with a clock.
private final class IndicesServer: Sendable {
  private struct Held {
    var indices: [String]
    var deletions: [String] = []
    var status: Int?
  }

  private final class State: Sendable {
    let held: Mutex<Held>
    init(_ held: Held) { self.held = Mutex(held) }
  }

  private let server: HTTPServer
  private let state: State
  let url: String

  init(_ indices: [String], epoch: Int64) throws {
    let state = State(Held(indices: indices))
    self.state = state
    @Sendable func answer(_ text: (inout Held) -> String) -> HTTPResponse {
      state.held.withLock { held in
        if let status = held.status { return .json(Array("{}".utf8), status: status) }
        return .text(text(&held))
      }
    }
    var routes = Routes()
    routes.get("/_cat/health") { _ in answer { _ in "\(epoch)\n" } }
    routes.get("/_cat/indices/{pattern}") { _ in answer { $0.indices.joined(separator: "\n") } }
    routes.delete("/{names}") { request in
      let names = (request.parameters["names"] ?? "").split(separator: ",").map { String($0) }
      return answer { held in
        held.deletions += names
        held.indices.removeAll { names.contains($0) }
        return "{}"
      }
    }
    server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    url = "http://127.0.0.1:\(try server.start())"
  }

  var indices: [String] { state.held.withLock { $0.indices } }
  var deletions: [String] { state.held.withLock { $0.deletions } }
  func add(_ index: String) { state.held.withLock { $0.indices.append(index) } }
  func fail(with status: Int) { state.held.withLock { $0.status = status } }
  func stop() async { await server.stop() }
}

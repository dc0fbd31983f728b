import BaritoCore
import FoundationEssentials
import HTTP
import Lifecycle
import Logging
import Synchronization
import TestKit
import Testing

@testable import BaritoService

@Suite(.timeLimit(.minutes(1))) struct ProfileFeedTests {
  private static let token = "a-token-that-nobody-may-see"

  private func feed(_ url: String, snapshot: String? = nil, _ logger: Logger = .silent) -> ProfileFeed {
    ProfileFeed(
      market: MarketClient(url: url, token: Self.token, clients: 1), snapshotPath: snapshot, logger: logger)
  }

  /// Runs the feed while the body runs.
  private func running(_ feed: ProfileFeed, _ body: () async throws -> Void) async throws {
    let shutdown = GracefulShutdown()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await GracefulShutdown.$current.withValue(shutdown) { try await feed.run() } }
      do { try await body() } catch {
        shutdown.request()
        throw error
      }
      shutdown.request()
      try await group.waitForAll()
    }
  }

  @Test("all pages are read, and a revoked secret is unknown after the next version")
  func revocation() async throws {
    let market = try StubMarket { version in
      switch version {
      case 0: .page(.of(3, apps: ["a"], more: true))
      default: .page(.of(4, apps: ["a", "b"]))
      }
    }
    let feed = feed(market.url)
    #expect(feed.unreadyReason != nil)
    try await running(feed) {
      try await eventually("both are known") { feed.knows("a") && feed.knows("b") }
      #expect(feed.unreadyReason == nil)
      market.answer { _ in
        var page = ProfilePage.of(5, apps: ["a", "b"])
        page.apps[0].secrets = [SecretHash(of: "new")]
        page.apps[1].isDeleted = true
        return .page(page)
      }
      try await eventually("the old secrets are gone") { !feed.knows("a") && !feed.knows("b") && feed.knows("new") }
    }
    #expect(market.asked.allSatisfy { $0.hasSuffix("Bearer \(Self.token)") })
    await market.stop()
  }

  @Test("a Router says who it is and what it knows, hears how many there are, keeps it, and says good-bye")
  func routers() async throws {
    let path = temporaryPath()
    let heard = Mutex<[Int]>([])
    func router(_ market: StubMarket) -> ProfileFeed {
      ProfileFeed(
        market: MarketClient(url: market.url, token: Self.token, clients: 1), snapshotPath: path, logger: .silent,
        instance: ServiceInstance(service: "router", instance: "host-1")
      ) { count in heard.withLock { $0.append(count) } }
    }
    let market = try StubMarket { _ in
      var page = ProfilePage.of(4, apps: ["a"])
      page.routers = 3
      return .page(page)
    }
    let first = router(market)
    try await running(first) {
      try await eventually("it heard") { first.routers == 3 }
      // With Market at fault the number stays.
      market.answer { _ in .text("", status: 500) }
      let before = market.asked.count
      try await eventually("it asks on") { market.asked.count >= before + 2 }
      #expect(first.routers == 3)
    }
    #expect(market.asked.first?.hasPrefix("0 25 router/host-1/1 ") == true)
    #expect(market.asked.last?.hasPrefix("0 0 router/host-1/1 ") == true)
    #expect(market.asked.contains { $0.hasPrefix("4 25 router/host-1/3 ") })
    #expect(heard.withLock { Set($0) } == [3])
    let second = router(market)
    await second.restore()
    #expect(second.routers == 3)
    await market.stop()
  }

  @Test("with Market away a service starts from the snapshot and is ready")
  func snapshot() async throws {
    let path = temporaryPath()
    let market = try StubMarket { _ in .page(.of(4, apps: ["a"])) }
    let first = feed(market.url, snapshot: path)
    await first.restore()
    #expect(first.unreadyReason != nil)
    try await running(first) {
      try await eventually("the snapshot is there") { FileManager.default.fileExists(atPath: path) }
    }
    await market.stop()
    let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(permissions.map { "\($0)" } == "\(0o600)")
    let log = LogRecorder()
    let second = feed(market.url, snapshot: path, log.logger)
    await second.restore()
    #expect(second.unreadyReason == nil && second.knows("a"))
    try await running(second) {
      try await eventually("the feed is missed") { log.count(of: "the profile feed is away") == 1 }
      #expect(second.knows("a"))
    }
    #expect(!log.text.contains(Self.token))
  }

  @Test(
    "a snapshot that is broken is left alone, and the feed takes over",
    arguments: ["", "{", #"{"version":7,"more":false,"groups":[],"ap"#, "[]", #"{"version":7}"#])
  func broken(content: String) async throws {
    let path = temporaryPath()
    try FileManager.default.createDirectory(
      at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(filePath: path))
    let market = try StubMarket { _ in .page(.of(4, apps: ["a"])) }
    let log = LogRecorder()
    let feed = feed(market.url, snapshot: path, log.logger)
    await feed.restore()
    #expect(log.count(of: "cannot be read") == 1)
    #expect(feed.unreadyReason != nil)
    try await running(feed) { try await eventually("the feed answers") { feed.knows("a") } }
    await market.stop()
  }

  @Test("a Market that answers at once with nothing new is not asked in a tight loop")
  func noTightLoop() async throws {
    let market = try StubMarket { _ in .page(.of(4, apps: ["a"])) }
    let feed = feed(market.url)
    try await running(feed) {
      try await eventually("three questions were asked") { market.asked.count >= 3 }
    }
    // Each after the second that the one before took.
    #expect(market.asked.count <= 4)
    await market.stop()
  }

  @Test("answers that are no pages are waited out, said once, and the known stays", arguments: [200, 401, 500])
  func garbage(status: Int) async throws {
    let market = try StubMarket { _ in .page(.of(4, apps: ["a"])) }
    let log = LogRecorder()
    let feed = feed(market.url, nil, log.logger)
    try await running(feed) {
      try await eventually("it is known") { feed.knows("a") }
      market.answer { _ in .text("no page", status: status) }
      let before = market.asked.count
      try await eventually("it asks on") { market.asked.count >= before + 3 }
      #expect(feed.knows("a") && log.count(of: "the profile feed is away") == 1)
      market.answer { _ in .page(.of(5, apps: ["a", "b"])) }
      try await eventually("it is back") { feed.knows("b") }
    }
    #expect(!log.text.contains(Self.token))
    await market.stop()
  }

  private func feed(_ url: String, _ snapshot: String?, _ logger: Logger) -> ProfileFeed {
    feed(url, snapshot: snapshot, logger)
  }

  @Test("a first page of many thousand apps is taken whole")
  func hugePage() async throws {
    let page = ProfilePage.of(4, apps: (0..<20_000).map { "app-\($0)" })
    let bytes = try WireJSON.encode(page)
    let market = try StubMarket { _ in .json(bytes) }
    let feed = feed(market.url)
    try await running(feed) {
      try await eventually("the last is known") { feed.knows("app-19999") }
    }
    await market.stop()
  }

  @Test("a stop ends a long poll at once")
  func stop() async throws {
    // Nobody listens there any more.
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: Self.holding)
    let port = try server.start()
    let feed = feed("http://127.0.0.1:\(port)")
    var start = ContinuousClock.now
    try await running(feed) {
      try await eventually("the poll hangs") { server.connectionCount > 0 }
      start = .now
    }
    #expect(ContinuousClock.now - start < .seconds(10))
    await server.stop()
  }

  /// A Market that never answers.
  private static var holding: Routes {
    var routes = Routes()
    routes.get(InternalAPI.profilesPath) { _ in
      try await Task.sleep(for: .seconds(60))
      return .empty()
    }
    return routes
  }
}

import BaritoCore
import HTTP
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import Synchronization
import TestKit
import Testing

@testable import BaritoRouter
@testable import BaritoService

@Suite(.timeLimit(.minutes(1))) struct ControlPlaneTests {
  private let group: HTTPHeaders = ["X-App-Group-Secret": "group-haza", "X-App-Name": "New App"]

  /// A Market that makes apps as the body says, and counts the questions.
  private func market(
    _ answer: @escaping @Sendable (InternalAPI.CreateApp) -> HTTPResponse
  ) throws -> (server: HTTPServer, url: String, asked: Asked) {
    let asked = Asked()
    var routes = Routes()
    routes.post(InternalAPI.appsPath) { request, body in
      asked.count()
      guard request.headers["Authorization"] == "Bearer the-service-token" else { return .empty(401) }
      return answer(try WireJSON.decode(InternalAPI.CreateApp.self, from: body))
    }
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    return (server, "http://127.0.0.1:\(try server.start())", asked)
  }

  final class Asked: Sendable {
    private let number = Mutex(0)
    func count() { number.withLock { $0 += 1 } }
    var value: Int { number.withLock { $0 } }
  }

  @Test("a new name makes the app once, however many lines come for it")
  func newApp() async throws {
    let market = try market { create in
      var app = AppProfile.named(create.name, id: 77)
      app.topicName = "new-app"
      return .json((try? WireJSON.encode(app)) ?? [])
    }
    let router = try await RouterUnderTest(apps: [], market: market.url)
    router.cluster.createTopic("new-app_logs")
    let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
      for _ in 0..<10 { tasks.addTask { try await router.post("/produce", group, "{}") } }
      return try await tasks.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.allSatisfy { $0.status == 200 && $0.text == "new-app_logs\n" })
    #expect(market.asked.value == 1)
    #expect(try await router.records("new-app_logs", 10).count == 10)
    #expect(router.usage.take(now: 1).apps.first?.app == AppID(77))
    await market.server.stop()
    // What was learned stays known without Market.
    #expect(try await router.post("/produce", group, "{}").status == 200)
    await router.close()
  }

  @Test(
    "Market's no is passed on and remembered for a moment",
    arguments: [(403, "too_many_apps", 403), (422, "invalid_app_name", 400), (404, "group_inactive", 403)])
  func no(status: Int, code: String, expected: Int) async throws {
    let market = try market { _ in
      .problem(ProblemDocument(status: status, code: "x", detail: "The group has 100 apps and may have 100."))
    }
    let router = try await RouterUnderTest(apps: [], market: market.url)
    for _ in 0..<5 {
      let answer = try await router.post("/produce", group, "{}")
      #expect(answer.status == expected)
      #expect(try answer.problem.code == code && answer.problem.detail.contains("may have 100"))
    }
    #expect(market.asked.value == 1)
    await market.server.stop()
    await router.close()
  }

  @Test("a Market that is away or broken is a reason to come back, not a no", arguments: [0, 500])
  func away(status: Int) async throws {
    let market = try market { _ in .text("broken", status: max(status, 500)) }
    if status == 0 { await market.server.stop() }
    let router = try await RouterUnderTest(apps: [], market: market.url)
    let answer = try await router.post("/produce", group, "{}")
    #expect(try answer.status == 503 && answer.problem.code == "market_unavailable")
    #expect(answer.headers["Retry-After"] == "5" && !answer.text.contains("the-service-token"))
    await market.server.stop()
    await router.close()
  }

  @Test("known apps notice nothing of a Market that is away, after a start too")
  func withoutMarket() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs")
    #expect(router.profiles.unreadyReason == nil)
    #expect(try await router.post("/produce", ["X-App-Secret": "secret-Shop"], "{}").status == 200)
    await router.close()
  }

  @Test("a Router without any profile asks senders to come back: it cannot know whose secret it is")
  func withoutProfiles() async throws {
    let router = try await RouterUnderTest(apps: nil)
    #expect(router.profiles.unreadyReason != nil)
    let answer = try await router.post("/produce", ["X-App-Secret": "secret-Shop"], "{}")
    #expect(try answer.status == 503 && answer.problem.code == "market_unavailable")
    #expect(answer.headers["Retry-After"] == "5")
    #expect(try await router.post("/produce", [:], "{}").status == 401)
    await router.close()
  }

  @Test("a revoked secret is refused after the next page of the feed")
  func revoked() async throws {
    let cluster = MockCluster()
    cluster.createTopic("shop_logs")
    var home = GroupProfile.named()
    home.cluster?.kafkaBrokers = cluster.bootstraps
    let holder = PageHolder(ProfilePage(version: 1, groups: [home], apps: [.named("Shop")]))
    var routes = Routes()
    routes.get(InternalAPI.profilesPath) { request in
      let after = request.query.first("after").flatMap { Int64($0) } ?? 0
      for _ in 0..<100 where holder.page.version <= after { try await Task.sleep(for: .milliseconds(20)) }
      return .json(try WireJSON.encode(holder.page))
    }
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    let router = try await RouterUnderTest(
      apps: nil, market: "http://127.0.0.1:\(try server.start())", cluster: cluster)
    let shutdown = GracefulShutdown()
    async let feed: Void = GracefulShutdown.$current.withValue(shutdown) { try await router.profiles.run() }
    let secret: HTTPHeaders = ["X-App-Secret": "secret-Shop"]
    try await eventually("it is taken") { try await router.post("/produce", secret, "{}").status == 200 }
    var app = AppProfile.named("Shop")
    app.secrets = [SecretHash(of: "another")]
    holder.set(ProfilePage(version: 2, apps: [app]))
    try await eventually(within: .seconds(5), "it is refused") {
      try await router.post("/produce", secret, "{}").status == 401
    }
    #expect(try await router.post("/produce", ["X-App-Secret": "another"], "{}").status == 200)
    shutdown.request()
    try await feed
    await server.stop()
    await router.close()
  }

  final class PageHolder: Sendable {
    private let held: Mutex<ProfilePage>
    init(_ page: ProfilePage) { held = Mutex(page) }
    var page: ProfilePage { held.withLock { $0 } }
    func set(_ page: ProfilePage) { held.withLock { $0 = page } }
  }

  @Test("clusters and topics that are no more are let go of")
  func housekeeping() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs")
    #expect(try await router.post("/produce", ["X-App-Secret": "secret-Shop"], "{}").status == 200)
    let endpoints = try #require(router.profiles.read { $0.groups[ClusterName("haza")]?.cluster })
    var moved = endpoints
    moved.kafkaBrokers = "127.0.0.1:9"
    let old = router.clusters[moved]
    let housekeeping = Housekeeping(profiles: router.profiles, clusters: router.clusters, limiter: router.limiter)
    #expect(router.clusters.count == 2)
    await housekeeping.tidy()
    #expect(router.clusters.count == 1 && router.clusters[endpoints].knows("shop_logs"))
    let bytes: [UInt8] = [0x7B, 0x7D]
    #expect(throws: KafkaError.self) {
      try old.produce([0..<2], in: bytes.span, to: "shop_logs") { _ in }
    }
    await router.clusters.keep([endpoints.kafkaBrokers: []])
    #expect(!router.clusters[endpoints].knows("shop_logs"))
    #expect(try await router.post("/produce", ["X-App-Secret": "secret-Shop"], "{}").status == 200)
    await router.close()
  }
}

import BaritoCore
import Testing

@testable import BaritoMarket

@Suite struct ServiceRequestTests {
  @Test("only the platform's own token is answered, on every internal path")
  func token() async throws {
    try await MarketHarness.run { market in
      let admin = try await market.user("root", isSuperadmin: true)
      let token = try await market.token(admin)
      for (method, path) in [
        ("GET", InternalAPI.profilesPath), ("POST", InternalAPI.appsPath), ("POST", InternalAPI.accessPath),
        ("POST", InternalAPI.probePath(ClusterName("a"))),
      ] {
        #expect(try await market.call(method, path, token: nil).status == 401)
        #expect(try await market.call(method, path, token: token).status == 401)
        #expect(try await market.call(method, path, token: MarketHarness.serviceToken).status != 401)
      }
      let page = try await market.call(
        "GET", "\(InternalAPI.profilesPath)?after=0&wait=0", token: MarketHarness.serviceToken)
      #expect(page.status == 200)
      #expect(page.json["version"]?.integer ?? 0 > 0)
      #expect(
        try await market.call("GET", "\(InternalAPI.profilesPath)?after=x", token: MarketHarness.serviceToken).status
          == 422)
    }
  }

  @Test("an app made by itself is one, however many Routers ask at once")
  func createApp() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let ids = try await withThrowingTaskGroup(of: AppID.self) { tasks in
        for _ in 0..<8 {
          tasks.addTask {
            try await market.services.requests.createApp(.init(clusterName: group.clusterName, name: "Shop")).id
          }
        }
        return try await tasks.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
      let bad = try await market.call(
        "POST", InternalAPI.appsPath, token: MarketHarness.serviceToken,
        body: #"{"cluster_name":"\#(group.clusterName)","name":"a/b"}"#)
      #expect(bad.status == 422)
    }
  }

  @Test("tail is allowed to members with the scope, by number, name, or cluster and name")
  func access() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let eve = try await market.user("eve")
      let (first, second) = (try await market.group("One", by: ada), try await market.group("Two", by: ada))
      let web = try await market.app("Web", in: first, by: ada).detail.app.id
      let api = try await market.app("api", in: first, by: ada).detail.app.id
      let other = try await market.app("api", in: second, by: ada).detail.app.id
      let requests = market.services.requests
      let token = try await market.token(ada, [.tail])
      let names = ["\(web)", "web", "\(first.clusterName)/api", "\(second.clusterName)/API"]
      #expect(
        try await requests.access(.init(token: token, apps: names))
          == InternalAPI.Access(user: "ada", apps: [web, web, api, other]))
      #expect(try await refusal(market, token, "api") == .notFound)
      #expect(try await refusal(market, token, "nothing") == .notFound)
      #expect(try await refusal(market, "brt_x", "web") == .unauthenticated)
      let (stranger, reader) = (try await market.token(eve, [.tail]), try await market.token(ada, [.read]))
      #expect(try await refusal(market, stranger, "\(web)") == .notFound)
      #expect(try await refusal(market, reader, "web") == .forbidden)
      let audit = try await market.services.platform.audit(of: first.clusterName, ada)
      #expect(audit.contains { $0.action == "app.tail" && $0.subject == "Web" && $0.actor.hasPrefix("ada") })
    }
  }

  /// Why access is refused; nil when it is not.
  private func refusal(_ market: MarketHarness, _ token: String, _ app: String) async throws -> MarketError.Code? {
    let body = String(decoding: try WireJSON.encode(InternalAPI.AskAccess(token: token, apps: [app])), as: UTF8.self)
    let answer = try await market.call("POST", InternalAPI.accessPath, token: MarketHarness.serviceToken, body: body)
    return answer.json["code"]?.text.flatMap(MarketError.Code.init(rawValue:))
  }

  @Test("a probe has a fresh secret, the one before it stays valid, older ones do not, and nobody sees its app")
  func probe() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      var probes: [InternalAPI.Probe] = []
      for _ in 0..<3 { probes.append(try await market.services.requests.probe(group.clusterName)) }
      #expect(Set(probes.map(\.app)).count == 1)
      let page = try await market.services.profiles.page(after: 0, wait: 0)
      let app = try #require(page.apps.first)
      #expect(app.isProbe)
      #expect(Set(app.secrets) == Set(probes.suffix(2).map { Token.hash($0.secret) }))
      #expect(try await market.services.apps.list(ada).isEmpty)
      await #expect(throws: MarketError.self) { try await market.services.apps.find(app.id, ada) }
    }
  }
}

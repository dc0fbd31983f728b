import BaritoCore
import Postgres
import PostgresTesting
import Testing

@testable import BaritoMarket

@Suite struct StoreTests {
  @Test("of two who register the same app at once, one makes it and the other is told of it")
  func sameName() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let outcomes = await withTaskGroup(of: Result<AppID, any Error>.self) { tasks in
        for name in ["Web API", "web-api", "WEB api", "web api"] {
          tasks.addTask {
            do { return .success(try await market.app(name, in: group, by: ada).detail.app.id) } catch {
              return .failure(error)
            }
          }
        }
        return await tasks.reduce(into: [Result<AppID, any Error>]()) { $0.append($1) }
      }
      let made = outcomes.compactMap { try? $0.get() }
      #expect(made.count == 1)
      for case .failure(let error) in outcomes {
        let error = try #require(error as? MarketError)
        #expect(error.code == .nameTaken)
        guard case .app(let app) = error.existing else {
          Issue.record("the refusal does not name the app")
          continue
        }
        #expect(app.id == made.first)
      }
    }
  }

  @Test("at most two secrets are valid, however many are asked for at once")
  func twoSecrets() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada)
      let id = app.detail.app.id
      let made = await withTaskGroup(of: Bool.self) { tasks in
        for _ in 0..<8 {
          tasks.addTask { (try? await market.services.apps.createSecret(of: id, by: ada)) != nil }
        }
        return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(made == 1)
      #expect(try await market.services.apps.find(id, ada).secrets.count == 2)
      try await market.services.apps.revokeSecret(app.secret.id, of: id, by: ada)
      _ = try await market.services.apps.createSecret(of: id, by: ada)
      #expect(try await market.services.apps.find(id, ada).secrets.count == 2)
      _ = try await market.services.groups.createSecret(group.clusterName, by: ada)
      _ = try await market.services.groups.createSecret(group.clusterName, by: ada)
      await #expect(throws: MarketError.tooManySecrets) {
        try await market.services.groups.createSecret(group.clusterName, by: ada)
      }
    }
  }

  @Test("no value of a secret or token is in the database, only its hash")
  func onlyHashes() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada)
      let token = try await market.token(ada)
      for table in ["secrets", "api_tokens", "audit_log", "outbox", "apps"] {
        let text = try await market.pool.query(
          "SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM \(identifier: table) t")[0][
            "text", as: String.self]
        #expect(!text.contains(app.secret.value) && !text.contains(token))
        if table == "secrets" { #expect(text.contains(Token.hash(app.secret.value).hex)) }
      }
    }
  }

  @Test("the audit log tells who did what, and cannot be changed")
  func audit() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      _ = try await market.app("a", in: group, by: ada)
      let entries = try await market.services.platform.audit(of: group.clusterName, ada)
      #expect(entries.map(\.action) == ["app.create", "group.create"])
      #expect(Set(entries.map(\.actor)) == ["ada"])
      for statement: SQL in [
        "UPDATE audit_log SET actor = 'eve'", "DELETE FROM audit_log", "TRUNCATE audit_log",
      ] {
        await #expect(throws: PostgresError.self) { try await market.pool.execute(statement) }
      }
      #expect(try await market.services.platform.audit(of: group.clusterName, ada) == entries)
    }
  }

  @Test("a group's request is in the outbox if and only if the group is there")
  func outboxWithChange() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      await #expect(throws: MarketError.self) { try await market.group(by: ada) }
      let rows = try await market.pool.query("SELECT key, value, topic FROM outbox")
      #expect(rows.count == 1)
      #expect(try rows[0]["key", as: String.self] == group.clusterName.rawValue)
      let request = try WireJSON.decode(
        ProvisioningRequest.self, from: Array(try rows[0]["value", as: String.self].utf8))
      #expect(request.kind == .create)
      #expect(request.template == .small)
      #expect(try await market.newestRequest(of: group)?.requestID == request.id)
    }
  }

  @Test("a name is free again after a deletion, the name of a cluster is not")
  func names() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let first = try await market.group(by: ada)
      try await market.services.groups.delete(first.clusterName, by: ada)
      let second = try await market.group(by: ada)
      #expect(first.clusterName != second.clusterName)
      let app = try await market.app("a", in: second, by: ada)
      try await market.services.apps.delete(app.detail.app.id, by: ada)
      #expect(try await market.app("a", in: second, by: ada).detail.app.id != app.detail.app.id)
    }
  }

  @Test("a group has no more apps than it may, also when they are made by themselves")
  func maximumApps() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      for number in 0..<5 { _ = try await market.app("app\(number)", in: group, by: ada) }
      let full = MarketError.tooManyApps(in: group)
      await #expect(throws: full) { try await market.app("app5", in: group, by: ada) }
      await #expect(throws: full) {
        try await market.services.requests.createApp(.init(clusterName: group.clusterName, name: "app5"))
      }
      let known = try await market.services.requests.createApp(.init(clusterName: group.clusterName, name: "App4"))
      #expect(known.topicName == "app4")
    }
  }

  @Test("a group keeps an owner, also when two owners take each other out at once")
  func lastOwner() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let bob = try await market.user("bob")
      let group = try await market.group(by: ada)
      await #expect(throws: MarketError.self) {
        try await market.services.members.delete("ada", from: group.clusterName, by: ada)
      }
      _ = try await market.services.members.put("bob", role: .owner, in: group.clusterName, by: ada)
      async let first: Void = market.services.members.delete("bob", from: group.clusterName, by: ada)
      async let second: Void = market.services.members.delete("ada", from: group.clusterName, by: bob)
      _ = try? await first
      _ = try? await second
      let owners = try await market.database.transaction { try await MemberStore($0).all(in: group.id) }
      #expect(owners.count == 1)
    }
  }

  @Test("migrations run by several Markets at once are applied once")
  func migrations() async throws {
    try await withTemporaryDatabase { url in
      let applied = try await withThrowingTaskGroup(of: [String].self) { tasks in
        for _ in 0..<4 {
          tasks.addTask { try await MarketSchema.migrate(PostgresConfiguration(url: url)) }
        }
        return try await tasks.reduce(into: [String]()) { $0 += $1 }
      }
      #expect(applied.sorted() == MarketSchema.migrations.map(\.name))
    }
  }
}

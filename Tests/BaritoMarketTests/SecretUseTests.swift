import BaritoCore
import Postgres
import Testing

@testable import BaritoMarket

/// When secrets were used last, from a Router's report to what people see.
@Suite(.timeLimit(.minutes(2))) struct SecretUseTests {
  private let minute: Int64 = 60_000

  /// A report of nothing but secrets.
  private func report(_ secrets: [(value: String, at: Int64)], offset: Int64) throws -> InboxRecord {
    try InboxRecord(
      UsageReport(
        service: "router", instance: "r", clusterName: ClusterName("a"), from: 0, to: 1, apps: [],
        secrets: secrets.map { SecretUse(Token.hash($0.value), at: $0.at) }), offset: offset)
  }

  @Test("the time only goes forward, by some seconds at least, and not beyond the present")
  func forward() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let app = try await market.app("a", in: try await market.group(by: ada), by: ada)
      let now = try await market.now()
      var offset: Int64 = 0
      func used(at: Int64) async throws -> Int64? {
        try await market.inbox.apply([report([(app.secret.value, at)], offset: offset)])
        offset += 1
        return try await market.services.apps.find(app.detail.app.id, ada).secrets.first?.lastUsedAt
      }
      #expect(try await market.services.apps.find(app.detail.app.id, ada).secrets.first?.lastUsedAt == nil)
      #expect(try await used(at: now - 10 * minute) == now - 10 * minute)
      #expect(try await used(at: now - 20 * minute) == now - 10 * minute)
      // A write for each report would be one each few seconds, for each secret.
      #expect(try await used(at: now - 10 * minute + 15_000) == now - 10 * minute)
      #expect(try await used(at: now - 9 * minute) == now - 9 * minute)
      let ahead = try #require(try await used(at: now + 1_000 * minute))
      #expect(try await (now...market.now()).contains(ahead))
    }
  }

  @Test("secrets of apps and groups have a time, revoked ones and others' are passed by")
  func owners() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada)
      let revoked = try await market.services.apps.createSecret(of: app.detail.app.id, by: ada)
      try await market.services.apps.revokeSecret(revoked.id, of: app.detail.app.id, by: ada)
      let ofGroup = try await market.services.groups.createSecret(group.clusterName, by: ada)
      let unused = try await market.services.groups.createSecret(group.clusterName, by: ada)
      let at = try await market.now() - minute
      let version = try await market.feedVersion()
      try await market.inbox.apply([
        report([(app.secret.value, at), (revoked.value, at), ("nobody's", at), (ofGroup.value, at)], offset: 0)
      ])
      let rows = try await market.pool.query("SELECT id FROM secrets WHERE last_used_at IS NOT NULL ORDER BY id")
      #expect(try rows.map { try $0["id", as: Int64.self] } == [app.secret.id, ofGroup.id])
      // Every service would be told of every app each minute.
      #expect(try await market.feedVersion() == version)
      let token = try await market.token(ada)
      let answer = try await market.call("GET", "/api/v1/apps/\(app.detail.app.id)", token: token)
      #expect(answer.json["secrets"]?.list?.map { $0["last_used_at"]?.text } == [rfc3339(at)])
      let shown = try await market.call("GET", "/api/v1/groups/\(group.clusterName)", token: token)
      let times = shown.json["secrets"]?.list?.map { ($0["id"]?.integer, $0["last_used_at"]?.text) } ?? []
      #expect(times.map(\.0) == [ofGroup.id, unused.id])
      #expect(times.map(\.1) == [rfc3339(at), nil])
    }
  }

  @Test("nobody waits for a secret that is being revoked: the others are noted")
  func locked() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let (held, free) = (try await market.app("a", in: group, by: ada), try await market.app("b", in: group, by: ada))
      let at = try await market.now() - minute
      try await market.pool.withTransaction { connection in
        _ = try await connection.query("SELECT id FROM secrets WHERE id = \(held.secret.id) FOR UPDATE")
        try await market.inbox.apply([report([(held.secret.value, at), (free.secret.value, at)], offset: 0)])
      }
      let rows = try await market.pool.query("SELECT id FROM secrets WHERE last_used_at IS NOT NULL")
      #expect(try rows.map { try $0["id", as: Int64.self] } == [free.secret.id])
    }
  }
}

extension MarketHarness {
  /// The database's clock, in milliseconds since 1970.
  fileprivate func now() async throws -> Int64 {
    try await pool.query("SELECT ms(clock_timestamp()) AS now")[0]["now", as: Int64.self]
  }

  fileprivate func feedVersion() async throws -> Int64 {
    try await pool.query("SELECT version FROM feed_version")[0]["version", as: Int64.self]
  }
}

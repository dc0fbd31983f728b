import Curl
import Glibc
import PostgresTesting
import TestKit
import Testing

/// The main job, end to end: real processes, real servers, a shipper as teams have it. One platform at a time, because
/// each is five processes beside its servers.
@Suite(.serialized, .enabled(if: !Backend.available.isEmpty, "make test names a Kafka and an Elasticsearch"))
struct AcceptanceTests {
}

extension AcceptanceTests {
  @Suite struct PipeTests {
    @Test(
      "every line of real logs is found exactly once in Elasticsearch, byte for byte, and in the tail",
      .timeLimit(.minutes(6)), arguments: Backend.available)
    func everyLineOnce(backend: Backend) async throws {
      try await withPlatform(backend) { platform, api, app in
        let lines = LogLines.all().lines
        let tail = try platform.baritotail(["\(app.id)", "--json", "--since", "1h"], token: api.token)
        let shipper = Shipper(url: app.produceURL, secret: try #require(app.secret).value)
        try await shipper.ship(lines)
        let stored = StoredLines(url: platform.servers.elasticsearch, indexPrefix: app.indexPrefix)
        try await stored.expect(lines, comparesBytes: backend == .real)
        try await TailedLines(process: tail).expect(lines.count)
        tail.send(SIGINT)
        #expect(try await tail.waitForExit() == 0)
        try await eventually("the app's page data tell of the lines, and that its secret is in use") {
          let shown = try await api.call("GET", "/api/v1/apps/\(app.id)", expecting: 200, as: MarketAPI.App.self)
          return shown.lastLineAt != nil && shown.secrets.first?.lastUsedAt != nil
        }
      }
    }

    /// On the stand-in only where there is nothing better: there a member of a consumer group that was killed keeps its
    /// partitions for minutes.
    @Test(
      "no line is lost or doubled though Router and Flow are killed again and again",
      .timeLimit(.minutes(8)), arguments: Backend.available.prefix(1))
    func killedAgainAndAgain(backend: Backend) async throws {
      try await withPlatform(backend) { platform, api, app in
        let lines = LogLines.all().lines
        let tail = try platform.baritotail(["\(app.id)", "--json", "--since", "1h"], token: api.token)
        var shipper = Shipper(url: app.produceURL, secret: try #require(app.secret).value)
        shipper.batchSize = 100
        shipper.batchPrefix = "run-\(UInt32.random(in: 0 ... .max))"
        let isShipping = Guarded(true)
        async let shipped: Void = {
          defer { isShipping.with { $0 = false } }
          try await shipper.ship(lines, senders: 2)
        }()
        var kills = 0
        while isShipping.with({ $0 }) || kills < 3 {
          let victim: Platform.Name = kills % 2 == 0 ? .router : .flow
          try await Task.sleep(for: .milliseconds(Int.random(in: 150...600)))
          await platform.kill(victim)
          try await platform.start(victim)
          kills += 1
          if kills >= 12 { break }
        }
        try await shipped
        let stored = StoredLines(url: platform.servers.elasticsearch, indexPrefix: app.indexPrefix)
        try await stored.expect(lines, comparesBytes: backend == .real)
        try await TailedLines(process: tail).expect(lines.count)
        #expect(kills >= 3)
      }
    }

    @Test(
      "known apps notice nothing of a Market and a PostgreSQL that are gone, after a restart of the Router too",
      .timeLimit(.minutes(4)), arguments: Backend.available.prefix(1))
    func withoutControlPlane(backend: Backend) async throws {
      let kept = Guarded<Platform?>(nil)
      let lines = LogLines.made(2_000).lines
      let app = try await withTemporaryDatabase { database in
        let platform = try await Platform(backend, database: database)
        kept.with { $0 = platform }
        try await platform.startAll()
        let api = MarketAPI(url: platform.marketURL, token: try await platform.token())
        let app = try await api.makeApp("Orders", in: try await api.makeGroup("Independence"))
        try await Shipper(url: app.produceURL, secret: try #require(app.secret).value).ship(Array(lines[..<500]))
        return app
      }
      // The database is dropped: Market's PostgreSQL is gone. Now Market too.
      let platform = try #require(kept.with { $0 })
      await platform.kill(.market)
      let shipper = Shipper(url: app.produceURL, secret: try #require(app.secret).value)
      try await shipper.ship(Array(lines[500..<1_000]))
      await platform.stop(.router)
      try await platform.start(.router)
      try await shipper.ship(Array(lines[1_000..<1_500]))
      await platform.kill(.flow)
      try await platform.start(.flow)
      try await shipper.ship(Array(lines[1_500...]))
      let stored = StoredLines(url: platform.servers.elasticsearch, indexPrefix: app.indexPrefix)
      try await stored.expect(lines, comparesBytes: backend == .real)
      await platform.stopAll()
    }
  }
}

/// Starts everything on a database of its own, registers a group and an app, and stops everything afterwards.
func withPlatform(
  _ backend: Backend, _ body: (Platform, MarketAPI, MarketAPI.App) async throws -> Void
) async throws {
  try await withTemporaryDatabase { database in
    let platform = try await Platform(backend, database: database)
    do {
      try await platform.startAll()
      let api = MarketAPI(url: platform.marketURL, token: try await platform.token())
      let group = try await api.makeGroup("Acceptance")
      let app = try await api.makeApp("Web API", in: group)
      try await platform.expectKnown(try #require(app.secret).value)
      try await body(platform, api, app)
    } catch {
      Issue.record("\(error)\n\(platform.lastWords)")
    }
    await platform.stopAll()
  }
}

extension Platform {
  /// An administrator's token for the API.
  func token() async throws -> String {
    try await market(["create-token", "--name", "acceptance", "--scopes", "admin"])
  }
}

extension Platform {
  /// The Router hears of a new app by the feed: a moment later, on a machine that is busy.
  func expectKnown(_ secret: String) async throws {
    try await eventually("the Router knows the app") {
      var request = CurlRequest("POST", routerURL + "/produce_batch", body: Array(#"{"items":[]}"#.utf8))
      request.setHeader("X-App-Secret", secret)
      return try await CurlClient().perform(request).status == 200
    }
  }
}

import BaritoCore
import Lifecycle
import Logging
import Postgres
import Synchronization
import TestKit
import Testing

@testable import BaritoMarket

@Suite struct FeedTests {
  /// Reads the feed to its present end, as clients do.
  private func follow(_ market: MarketHarness, _ directory: inout ProfileDirectory) async throws {
    while true {
      let page = try await market.services.profiles.page(after: directory.version, wait: 0)
      directory.apply(page)
      if !page.more { return }
    }
  }

  @Test("an app is in the feed with its secret, a revoked secret is not, a deleted app is a tombstone")
  func life() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      var directory = ProfileDirectory()
      try await follow(market, &directory)
      #expect(directory.groups[group.clusterName]?.status == .pending)
      let made = try await market.app("Web API", in: group, by: ada)
      try await follow(market, &directory)
      #expect(directory.app(secret: Token.hash(made.secret.value))?.topicName == "web-api")
      let second = try await market.services.apps.createSecret(of: made.detail.app.id, by: ada)
      try await market.services.apps.revokeSecret(made.secret.id, of: made.detail.app.id, by: ada)
      try await follow(market, &directory)
      #expect(directory.app(secret: Token.hash(made.secret.value)) == nil)
      #expect(directory.app(secret: Token.hash(second.value))?.id == made.detail.app.id)
      try await market.services.apps.delete(made.detail.app.id, by: ada)
      try await follow(market, &directory)
      #expect(directory.apps.isEmpty)
      try await market.services.groups.delete(group.clusterName, by: ada)
      try await follow(market, &directory)
      #expect(directory.groups.isEmpty)
      // Who comes now hears nothing of what is gone.
      let fresh = try await market.services.profiles.page(after: 0, wait: 0)
      #expect(fresh.groups.isEmpty && fresh.apps.isEmpty && fresh.version == directory.version)
    }
  }

  @Test("a change of the group's retention reaches its apps")
  func inherited() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada).detail.app.id
      var directory = ProfileDirectory()
      try await follow(market, &directory)
      _ = try await market.services.groups.change(group.clusterName, .init(retentionDays: 7), by: ada)
      try await follow(market, &directory)
      #expect(directory.apps[app]?.retentionDays == 7)
    }
  }

  @Test("more than a page is told page by page, and nothing is left out")
  func pages() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      _ = try await market.database.profileChange { transaction in
        try await transaction.execute(
          """
          INSERT INTO apps (group_id, name, topic_name)
          SELECT \(group.id.rawValue), 'app' || n, 'app' || n FROM generate_series(1, 2500) n
          """)
      }
      var directory = ProfileDirectory()
      var pages = 0
      while true {
        let page = try await market.services.profiles.page(after: directory.version, wait: 0)
        #expect(page.groups.count + page.apps.count <= ProfilePages.pageSize)
        directory.apply(page)
        pages += 1
        if !page.more { break }
      }
      #expect(pages == 3)
      #expect(directory.apps.count == 2_500)
      #expect(directory.groups.count == 1)
    }
  }

  @Test("a reader never misses a commit under eight writers", .timeLimit(.minutes(1)))
  func ordered() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let apps = try await (0..<4).asyncMap { try await market.app("app\($0)", in: group, by: ada).detail.app.id }
      let isDone = Flag()
      let directory = try await withThrowingTaskGroup(of: ProfileDirectory?.self) { tasks in
        tasks.addTask {
          var directory = ProfileDirectory()
          // Only by increments, as fast as it goes, and once more after the last commit.
          while true {
            let wasDone = isDone.value.withLock { $0 }
            try await follow(market, &directory)
            if wasDone { return directory }
          }
        }
        for writer in 0..<8 {
          tasks.addTask {
            for step in 0..<20 {
              var change = Apps.Change()
              change.maxTPS = .set(1 + (writer * 20 + step) % 900)
              _ = try await market.services.apps.change(apps[(writer + step) % 4], change, by: ada)
              if step % 5 == 0 {
                _ = try await market.services.groups.change(
                  group.clusterName, .init(retentionDays: 1 + step + writer), by: ada)
              }
            }
            return nil
          }
        }
        var left = 8
        while let result = try await tasks.next() {
          if let result { return result }
          left -= 1
          if left == 0 { isDone.value.withLock { $0 = true } }
        }
        return ProfileDirectory()
      }
      var truth = ProfileDirectory()
      try await follow(market, &truth)
      #expect(directory.version == truth.version)
      #expect(directory.apps == truth.apps)
      #expect(directory.groups == truth.groups)
    }
  }

  @Test("a waiting reader hears within a second of a secret that another Market revokes", .timeLimit(.minutes(1)))
  func longPoll() async throws {
    try await MarketHarness.run { market in
      let other = MarketHarness(url: market.url)
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada)
      let listener = ChangeListener(
        configuration: PostgresConfiguration(url: market.url), profiles: market.changes, outbox: ChangeSignal(),
        logger: .silent)
      let shutdown = GracefulShutdown()
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await GracefulShutdown.$current.withValue(shutdown) { try await listener.run() } }
        try await eventually("the listener listens") { market.changes.isListening }
        let version = try await market.services.profiles.page(after: 0, wait: 0).version
        async let waiting = market.services.profiles.page(after: version, wait: 30)
        // Nobody can see that it waits, but for the waiter itself.
        try await eventually("the reader waits") { market.changes.waiterCount == 1 }
        let start = ContinuousClock.now
        try await other.services.apps.revokeSecret(app.secret.id, of: app.detail.app.id, by: ada)
        let page = try await waiting
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(page.apps.map(\.secrets) == [[]])
        shutdown.request()
      }
      #expect(market.changes.isEnded)
      await other.pool.close()
    }
  }

  @Test("a wait ends with nothing when its time is up, and at once when the service stops", .timeLimit(.minutes(1)))
  func waitEnds() async throws {
    try await MarketHarness.run { market in
      let version = try await market.services.profiles.page(after: 0, wait: 0).version
      let page = try await market.services.profiles.page(after: version, wait: 1)
      #expect(page == ProfilePage(version: version))
      async let waiting = market.services.profiles.page(after: version, wait: 60)
      try await eventually("the reader waits") { market.changes.waiterCount == 1 }
      market.changes.end()
      #expect(try await waiting == ProfilePage(version: version))
    }
  }

  @Test(
    "Routers that ask are counted, wake those that wait, and are not counted once they left or died",
    .timeLimit(.minutes(1)))
  func routers() async throws {
    try await MarketHarness.run { market in
      let other = MarketHarness(url: market.url)
      func router(_ name: String) -> ServiceInstance { ServiceInstance(service: "router", instance: name) }
      let pages = market.services.profiles
      let version = try await pages.page(after: 0, wait: 0).version
      #expect(try await pages.page(after: version, wait: 0).routers == nil)
      #expect(try await pages.page(after: version, wait: 30, from: router("a"), routers: 2).routers == 1)
      _ = try await pages.page(after: version, wait: 0, from: ServiceInstance(service: "flow", instance: "f"))
      // It waits, as it knows of itself; another Market hears of another Router.
      async let waiting = pages.page(after: version, wait: 30, from: router("a"), routers: 1)
      try await eventually("the Router waits") { market.changes.waiterCount == 1 }
      let start = ContinuousClock.now
      #expect(try await other.services.profiles.page(after: version, wait: 0, from: router("b")).routers == 2)
      #expect(try await waiting.routers == 2)
      #expect(ContinuousClock.now - start < .seconds(6))
      try await other.services.profiles.leave(router("b"))
      #expect(try await pages.page(after: version, wait: 0, from: router("a"), routers: 2).routers == 1)
      _ = try await pages.page(after: version, wait: 0, from: router("c"))
      try await market.database.transaction { transaction in
        _ = try await transaction.execute(
          "UPDATE service_instances SET seen_at = seen_at - interval '61 seconds' WHERE instance = 'c'")
      }
      #expect(try await pages.page(after: version, wait: 0, from: router("a")).routers == 1)
      let left = try await market.database.transaction { transaction in
        try await transaction.all("SELECT instance FROM service_instances ORDER BY 1") {
          try $0["instance", as: String.self]
        }
      }
      #expect(left == ["a", "f"])
      await other.pool.close()
    }
  }

  @Test("who knows a version of the future is told the present one at once")
  func restored() async throws {
    try await MarketHarness.run { market in
      let version = try await market.services.profiles.page(after: 0, wait: 0).version
      #expect(try await market.services.profiles.page(after: version + 1_000_000, wait: 30).version == version)
    }
  }
}

private final class Flag: Sendable {
  let value = Mutex(false)
}

extension Sequence {
  func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}

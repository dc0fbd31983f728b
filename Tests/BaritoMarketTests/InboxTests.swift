import BaritoCore
import Logging
import Postgres
import Testing

@testable import BaritoMarket

@Suite struct InboxTests {
  private func report(_ app: AppID, _ accepted: Int64, to: Int64) -> UsageReport {
    UsageReport(
      service: "router", instance: "r", clusterName: ClusterName("a"), from: to - 1_000, to: to,
      apps: [
        AppUsage(app: app, accepted: accepted, bytes: accepted * 100, refused: ["limit": 1], lastLineAt: to - 5)
      ])
  }

  @Test("usage counts once when the same records come again, from the same Market or another")
  func once() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada).detail.app.id
      let now = market.time.milliseconds
      let records = try (0..<10).map { number in
        try InboxRecord(
          report(app, 10, to: now - 9_000 + Int64(number) * 1_000), offset: Int64(number / 2),
          partition: Int32(number % 2))
      }
      let other = MarketHarness(url: market.url, time: market.time)
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for attempt in 0..<6 {
          tasks.addTask {
            let inbox = attempt % 2 == 0 ? market.inbox : other.inbox
            try await inbox.apply(attempt < 3 ? records : Array(records.prefix(6)))
          }
        }
        try await tasks.waitForAll()
      }
      let total = try await market.database.transaction { try await UsageStore($0).total(of: app) }
      #expect(total.accepted == 100)
      #expect(total.bytes == 10_000)
      #expect(total.refused == 10)
      let detail = try await market.services.apps.find(app, ada)
      #expect(detail.rate.linesPerSecond > 0)
      #expect(detail.rate.linesPerSecond <= 10)
      #expect(detail.rate.lastLineAt == now - 5)
      let usage = try await market.services.apps.usage(of: app, seconds: 3_600, step: 10, ada)
      #expect(usage.points.reduce(0) { $0 + $1.counts.accepted } == 100)
      #expect(usage.refusals == [RefusalCount(code: "limit", lines: 10)])
      await other.pool.close()
    }
  }

  @Test("a record that cannot be read or stored does not hold up what comes after it")
  func poison() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada).detail.app.id
      let request = try #require(try await market.newestRequest(of: group))
      var records = [
        InboxRecord(topic: PlatformTopic.usage, partition: 0, offset: 0, timestamp: 1, value: Array("{".utf8)),
        // PostgreSQL stores no zero byte in a text.
        try InboxRecord(request.event(.deploymentStarted, message: "a\u{0}b", at: 10), offset: 0),
        try InboxRecord(request.event(.deploymentFinished, message: "fine", at: 20), offset: 1),
      ]
      records.append(try InboxRecord(report(app, 7, to: market.time.milliseconds), offset: 1))
      try await market.inbox.apply(records)
      #expect(try await market.newestRequest(of: group)?.state.status == .deploymentFinished)
      let total = try await market.database.transaction { try await UsageStore($0).total(of: app) }
      #expect(total.accepted == 7)
    }
  }

  @Test("a group goes from pending to active by events, in any order and repeated")
  func provisioning() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let names = ["in order", "backwards", "repeated"]
      for name in names {
        let group = try await market.group(name, by: ada)
        let request = try #require(try await market.newestRequest(of: group))
        let component = ComponentState(
          hostname: "k-01", type: .kafka, status: .bootstrapFinished, ipAddress: "10.0.0.1")
        var events = [
          request.event(.deploymentStarted, at: 1), request.event(.bootstrapFinished, components: [component], at: 2),
          request.event(.verifying, cluster: demoEndpoints, at: 3), request.event(.finished, at: 4),
        ]
        if name == "backwards" { events.reverse() }
        if name == "repeated" { events += events }
        var stages: [GroupProfile.Status] = []
        for event in events {
          try await market.database.profileChange { transaction in
            try await ProvisioningProgress(transaction, logger: .silent).apply(event)
          }
          stages.append(try await market.services.groups.find(group.clusterName, ada).group.status)
        }
        let detail = try await market.services.groups.find(group.clusterName, ada)
        #expect(detail.group.status == .active)
        #expect(detail.group.endpoints == demoEndpoints)
        #expect(detail.components == [component])
        #expect(detail.steps.count == 4)
        if name == "in order" { #expect(stages == [.pending, .pending, .verifying, .active]) }
      }
    }
  }

  @Test("an error shows which component failed and why, and can be retried")
  func failure() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      await #expect(throws: MarketError.self) {
        try await market.services.groups.retryProvisioning(group.clusterName, by: ada)
      }
      let request = try #require(try await market.newestRequest(of: group))
      try await market.inbox.apply([
        try InboxRecord(
          request.event(.bootstrapError, component: "k-01", message: "chef exited with 1", at: 5), offset: 0)
      ])
      let token = try await market.token(ada)
      let answer = try await market.call("GET", "/api/v1/groups/\(group.clusterName)", token: token)
      #expect(answer.json["status"]?.text == "BOOTSTRAP_ERROR")
      #expect(answer.json["provisioning"]?["component"]?.text == "k-01")
      #expect(answer.json["provisioning"]?["message"]?.text == "chef exited with 1")
      market.time.advance(seconds: 1)
      try await market.services.groups.retryProvisioning(group.clusterName, by: ada)
      #expect(try await market.newestRequest(of: group)?.state.status == .pending)
      // What the old request still says does not count any more.
      try await market.inbox.apply([try InboxRecord(request.event(.finished, cluster: demoEndpoints, at: 9), offset: 1)]
      )
      #expect(try await market.services.groups.find(group.clusterName, ada).group.status == .pending)
    }
  }
}

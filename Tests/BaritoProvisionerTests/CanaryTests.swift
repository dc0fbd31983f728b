import BaritoCore
import BaritoService
import Curl
import Lifecycle
import Logging
import Metrics
import TestKit
import Testing

@testable import BaritoProvisioner

@Suite struct CanaryAccountTests {
  private static let second: UInt64 = 1_000_000_000
  private let line = ProbeLine(id: "probe1", at: 1)
  private let other = ProbeLine(id: "probe2", at: 2)

  private func account() -> CanaryAccount {
    CanaryAccount(interval: .seconds(30), deadline: .seconds(300), start: 10 * Self.second)
  }

  @Test("a line is sent when it is due, and each half a minute after that, whether it was taken or not")
  func schedule() {
    var account = account()
    #expect(account.step(at: 9 * Self.second) == .wait(.seconds(1)))
    #expect(account.step(at: 10 * Self.second) == .send)
    account.sent(line, isTaken: false, at: 10 * Self.second)
    #expect(account.step(at: 11 * Self.second) == .wait(.seconds(29)))
    #expect(account.step(at: 41 * Self.second) == .send)
    account.sent(line, isTaken: false, at: 200 * Self.second)
    #expect(account.step(at: 200 * Self.second) == .send, "rounds that were missed are left out")
    account.sent(line, isTaken: false, at: 200 * Self.second)
    #expect(account.step(at: 201 * Self.second) == .wait(.seconds(29)))
  }

  @Test("a line that was taken is looked for each second, then less often, until it is found")
  func looking() {
    var account = account()
    account.sent(line, isTaken: true, at: 10 * Self.second)
    #expect(account.step(at: 10 * Self.second) == .wait(.seconds(1)))
    #expect(account.step(at: 11 * Self.second) == .look([line]))
    #expect(account.looked(for: [line], counts: [:], at: 11 * Self.second) == [])
    #expect(account.looked(for: [line], counts: [:], at: 31 * Self.second) == [])
    #expect(account.step(at: 31 * Self.second) == .wait(.seconds(5)))
    #expect(
      account.looked(for: [line], counts: ["probe1": 1], at: 36 * Self.second) == [.searchable(after: .seconds(26))])
  }

  @Test("a line that is not found in time is missing, once; nor is one that nobody could look for found")
  func missing() {
    var account = account()
    account.sent(line, isTaken: true, at: 0)
    account.sent(other, isTaken: true, at: 30 * Self.second)
    #expect(account.looked(for: [line], counts: nil, at: 300 * Self.second) == [.missing])
    #expect(account.looked(for: [line], counts: [:], at: 301 * Self.second) == [])
    #expect(account.looked(for: [other], counts: nil, at: 331 * Self.second) == [.missing])
  }

  @Test("a duplicate is told once, also where it comes after the line was found")
  func duplicates() {
    var account = account()
    account.sent(line, isTaken: true, at: 0)
    account.sent(other, isTaken: true, at: 0)
    #expect(
      account.looked(for: [line, other], counts: ["probe1": 1, "probe2": 2], at: Self.second)
        == [.searchable(after: .seconds(1)), .searchable(after: .seconds(1)), .duplicate])
    #expect(account.step(at: 300 * Self.second) == .look([line, other]))
    #expect(
      account.looked(for: [line, other], counts: ["probe1": 2, "probe2": 2], at: 300 * Self.second) == [.duplicate])
    #expect(account.step(at: 300 * Self.second) == .send)
  }

  @Test("an answer to a search counts each line; what is no answer counts nothing")
  func search() throws {
    let hit = #"{"_id":"1","_source":{"barito_probe_id":"probe1"}}"#
    let other = #"{"_id":"2","_source":{}}"#
    let answer = Array(#"{"hits":{"hits":[\#(hit),\#(other),\#(hit)]}}"#.utf8)
    #expect(CanarySearch.counts(answer) == ["probe1": 2])
    #expect(CanarySearch.counts(Array(#"{"error":"no"}"#.utf8)) == nil)
    #expect(String(decoding: try CanarySearch.query([line, self.other]), as: UTF8.self).contains("probe1 probe2"))
  }
}

@Suite(.timeLimit(.minutes(2))) struct CanaryTests {
  private let cluster = ClusterName("haza")

  /// Runs a canary over a platform until the condition holds of its metrics.
  private func canary(
    over state: StubPlatform.State = StubPlatform.State(), deadline: Duration = .seconds(60),
    until condition: @escaping @Sendable (_ metrics: String) -> Bool
  ) async throws {
    try await StubPlatform.with { platform, url in
      platform.set { $0 = state }
      let registry = MetricsRegistry()
      let canary = GroupCanary(
        cluster: cluster,
        endpoints: ClusterEndpoints(kafkaBrokers: "k:9092", elasticsearchURL: url, naming: .shared(by: cluster)),
        way: ProbeWay(
          market: MarketClient(url: url, token: "service-token-of-tests"), routerURL: url, http: CurlPool(clients: 2)),
        metrics: CanaryMetrics(registry), clock: .system, logger: .silent)
      let task = Task { await canary.run(interval: .milliseconds(500), deadline: deadline) }
      defer { task.cancel() }
      try await eventually(within: .seconds(60), "the canary finds it") {
        condition(String(decoding: registry.render(), as: UTF8.self))
      }
      #expect(platform.now.searches.allSatisfy { $0 == "haza.barito-probe_-*" })
      task.cancel()
      await task.value
    }
  }

  @Test("a line that comes through is searchable, once, and its time is measured")
  func through() async throws {
    try await canary { metrics in
      metrics.contains(#"barito_provisioner_canary_duplicate_lines_total{cluster_name="haza"} 0"#)
        && metrics.contains(#"barito_provisioner_canary_searchable_seconds_count{cluster_name="haza"} 2"#)
    }
  }

  @Test("a line that is lost is missing")
  func lost() async throws {
    try await canary(over: StubPlatform.State(loses: true), deadline: .seconds(2)) {
      $0.contains(#"barito_provisioner_canary_missing_lines_total{cluster_name="haza"} 1"#)
    }
  }

  @Test("a line that is there twice is a duplicate")
  func doubled() async throws {
    try await canary(over: StubPlatform.State(doubles: true)) {
      $0.contains(#"barito_provisioner_canary_duplicate_lines_total{cluster_name="haza"} 1"#)
    }
  }

  @Test("a line that the Router refuses is counted so, and is not missed")
  func refused() async throws {
    let state = StubPlatform.State(refusals: Array(repeating: (503, "kafka_unavailable"), count: 2))
    try await canary(over: state) {
      $0.contains(#"barito_provisioner_canary_refused_lines_total{cluster_name="haza"} 2"#)
        && $0.contains(#"barito_provisioner_canary_missing_lines_total{cluster_name="haza"} 0"#)
        && $0.contains(#"barito_provisioner_canary_lines_total{cluster_name="haza"} 1"#)
    }
  }

  @Test("only groups that take lines have a canary")
  func groups() {
    var profiles = ProfileDirectory()
    let endpoints = ClusterEndpoints(kafkaBrokers: "k:9092", elasticsearchURL: "http://e")
    func group(_ name: String, _ status: GroupProfile.Status, _ cluster: ClusterEndpoints?) -> GroupProfile {
      GroupProfile(clusterName: ClusterName(name), name: name, status: status, cluster: cluster)
    }
    profiles.apply(
      ProfilePage(
        version: 1,
        groups: [
          group("a", .active, endpoints), group("b", .verifying, endpoints), group("c", .inactive, endpoints),
          group("d", .pending, nil),
        ]))
    #expect(Canary.groups(in: profiles) == [ClusterName("a"): endpoints])
  }
}

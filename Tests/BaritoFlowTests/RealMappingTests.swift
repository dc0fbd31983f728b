import BaritoCore
import BaritoService
import Curl
import FoundationEssentials
import Logging
import Metrics
import TestKit
import Testing

@testable import BaritoFlow

/// Mappings, templates and retention on the real Elasticsearch that `BARITO_TEST_ELASTICSEARCH` names.
@Suite(.timeLimit(.minutes(15)), .enabled(if: environmentVariable("BARITO_TEST_ELASTICSEARCH") != nil))
struct RealMappingTests {
  private let scenarios = SearchScenarios(url: environmentVariable("BARITO_TEST_ELASTICSEARCH") ?? "")

  @Test("templates are written when they are not there or older, and a newer one stays")
  func templates() async throws { try await scenarios.templatesAreKept() }

  @Test("a conflict of any kind costs the field and not the line")
  func conflicts() async throws { try await scenarios.conflictsCostTheField() }

  @Test("what is broken however it is put is in the quarantine")
  func broken() async throws { try await scenarios.brokenIsQuarantined() }

  @Test("a storm of 5,000 fields costs its app the fields, and the others nothing")
  func storm() async throws { try await scenarios.storm(fields: 5_000, lines: 100) }

  @Test("mapped fields are counted as the server counts them, and read again only where something changed")
  func watcher() async throws {
    #expect(await scenarios.templates(fields: 100).put()[0].failure == nil)
    let topics = TopicList(always: [], naming: scenarios.naming)
    topics.add(["\(scenarios.prefix)shop_logs", "\(scenarios.prefix)other_logs"])
    let election = Election()
    election.isElected = true
    let watcher = FieldWatcher(
      elasticsearch: scenarios.client, naming: scenarios.naming, topics: topics, election: election,
      metrics: MappingMetrics(MetricsRegistry()), limit: 100,
      clock: ServiceClock(wall: { 1_795_996_800_000 }, monotonic: { 0 }), logger: .silent)
    #expect(try await watcher.look(.init()) == .init())
    _ = try await scenarios.settle("shop", [#"{"text":"one","n":1}"#])
    _ = try await scenarios.settle("unknown", [#"{"text":"one","n":1}"#])
    let first = try await watcher.look(.init())
    // Of the template @timestamp and the side field, then n, text and its keyword.
    #expect(first.fields == ["\(scenarios.prefix)shop": 5])
    // Nothing has changed: what was counted before is taken over, however wrong.
    var remembered = first
    remembered.fields = ["\(scenarios.prefix)shop": 77]
    #expect(try await watcher.look(remembered) == remembered)
    _ = try await scenarios.settle("shop", ["{\((0..<200).map { "\"m\($0)\":1" }.joined(separator: ","))}"], from: 1)
    #expect(try await watcher.look(remembered).fields == ["\(scenarios.prefix)shop": 100])
  }

  @Test("retention deletes exactly what its plan says, and a clock that is wrong deletes nothing")
  func retention() async throws {
    #expect(await scenarios.templates().put()[0].failure == nil)
    let now = Int64(Date.now.timeIntervalSince1970 * 1000)
    let today = IndexDay.day(at: now)
    func name(_ app: String, _ back: Int) -> String {
      var names = IndexNames(prefix: app)
      return String(
        decoding: names.name(at: Int64(today - back) * IndexDay.millisecondsPerDay), as: UTF8.self)
    }
    let shop = "\(scenarios.prefix)shop"
    let due = (3..<9).map { name(shop, $0) } + [name("barito-quarantine-\(shop)", 3)]
    let kept =
      (-1..<3).map { name(shop, $0) } + [name("\(scenarios.prefix)other", 90), name("barito-quarantine-\(shop)", 2)]
      + ["\(shop)-old"]
    for index in due + kept {
      let made = try await scenarios.client.put("/\(index)", Array(#"{"settings":{"number_of_replicas":0}}"#.utf8))
      #expect(made.isSuccess, "\(made.text)")
    }
    var rules = RetentionRules()
    rules.keep(shop, days: 2)
    let sweep = RetentionSweep(elasticsearch: scenarios.client, naming: scenarios.naming)
    await #expect(throws: SearchFailure.self) { try await sweep.plan(rules, now: now + 400 * 86_400_000) }
    await #expect(throws: SearchFailure.self) { try await sweep.plan(rules, now: now - 7_300_000) }
    let plan = try await sweep.plan(rules, now: now)
    #expect(plan.deletions.map(\.index) == due.sorted())
    // One is gone meanwhile.
    try await sweep.delete([due[4]])
    for list in plan.lists { try await sweep.delete(list) }
    try await sweep.delete([due[4]])
    #expect(try await sweep.plan(rules, now: now).deletions == [])
    let left = try await scenarios.client.get("/_cat/indices/*\(scenarios.prefix)*?h=index")
    #expect(left.text.split(whereSeparator: \.isWhitespace).map { String($0) }.sorted() == kept.sorted())
    _ = try await scenarios.client.delete("/\(kept.joined(separator: ","))")
  }
}

import BaritoCore
import Curl
import FoundationEssentials
import Logging
import Metrics
import TestKit
import Testing

@testable import BaritoFlow

/// What every search server must do for us, run against one of them under a prefix that nobody else has.
struct SearchScenarios: Sendable {
  private struct Count: Decodable { var count: Int }

  let url: String
  let prefix = "t\(UInt32.random(in: 0...UInt32.max))."
  let registry = MetricsRegistry()
  private let metrics: MappingMetrics
  private let firewall: MappingFirewall
  private static let now: Int64 = 1_795_996_800_000  // 2026-11-30
  static let today = "2026.11.30"

  init(url: String) {
    self.url = url
    metrics = MappingMetrics(registry)
    firewall = MappingFirewall(
      elasticsearch: ElasticsearchClient(url: url, authorization: nil, clients: 2, timeout: .seconds(300)),
      naming: TopicNaming(prefix: prefix), metrics: metrics, logger: .silent,
      now: { UInt64(truncatingIfNeeded: (ContinuousClock.now - Self.start).components.seconds) * 1_000_000_000 })
  }

  private static let start = ContinuousClock.now

  var naming: TopicNaming { TopicNaming(prefix: prefix) }
  var client: ElasticsearchClient { firewall.elasticsearch }

  func templates(fields: Int = 2_000) -> IndexTemplates {
    IndexTemplates(
      elasticsearch: client, naming: naming, shards: 1, replicas: 0, fields: fields, logger: .silent)
  }

  /// Sends until it is finished, as a worker does.
  /// - Returns: what became of the values; what a busy server made us send twice is counted once.
  func settle(_ app: String, _ values: [String], from offset: Int64 = 0) async throws -> Ended {
    let records = values.enumerated().map {
      TestRecord(
        topic: "\(prefix)\(app)_logs", offset: offset + Int64($0.offset), timestamp: Self.now, value: $0.element)
    }
    var tally = Ended()
    var left = records[...]
    // A busy server makes us come again, with a whole batch or from the first record that is not finished.
    for _ in 0..<20 {
      var settlement = BatchSettlement(.of(Array(left)), naming: naming)
      var patience = 50
      while let request = settlement.next() {
        patience -= 1
        try #require(patience > 0)
        _ = settlement.take(await firewall.bulk(request))
      }
      let some = try #require(settlement.tallies.first)
      tally.indexed += some.indexed
      tally.quarantined += some.quarantined
      tally.duplicates += some.duplicates
      guard let parked = settlement.parked.values.first else {
        tally.duplicates = max(0, values.count - tally.indexed - tally.quarantined)
        return tally
      }
      left = left.drop { $0.offset < parked.offset }
    }
    throw NeverHappened(description: "\(url) does not take \(left.count) records")
  }

  func count(_ app: String, _ query: String = "*") async throws -> Int {
    let index = "\(prefix)\(app)-\(Self.today)"
    #expect(try await client.get("/\(index)/_refresh").isSuccess)
    let response = try await client.get("/\(index)/_count?q=\(URLText.percentEncode(query))")
    return try JSONDecoder().decode(Count.self, from: Data(response.body)).count
  }

  func fields(_ app: String) async throws -> MappedFields {
    let answer = try await client.get("/\(prefix)\(app)-\(Self.today)/_mapping")
    return try #require(MappedFields.all(in: answer.body.span)?.values.first)
  }

  func diverted(_ app: String) -> Bool {
    String(decoding: registry.render(), as: UTF8.self)
      .contains(#"barito_flow_diverted_documents_total{topic="\#(prefix)\#(app)_logs"}"#)
  }

  // MARK: - The scenarios

  /// A template is written once, replaced when it is older, and left when it is newer.
  func templatesAreKept() async throws {
    #expect(await templates().put()[0] == .written)
    #expect(await templates().put()[0] == .current)
    #expect(await templates(fields: 500).put()[0] == .written)
    #expect(await templates(fields: 500).put()[0] == .current)
    let name = "barito-documents-\(prefix)"
    let newer = #"{"index_patterns":["\#(prefix)never*"],"priority":7,"version":999}"#
    let answer = try await client.put("/_index_template/\(name)", Array(newer.utf8))
    #expect(answer.isSuccess, "\(answer.text)")
    #expect(await templates().put()[0] == .newer)
    #expect(try await client.get("/_index_template/\(name)").text.contains("never"))
    let older = newer.replacing("999", with: "1")
    #expect(try await client.put("/_index_template/\(name)", Array(older.utf8)).isSuccess)
    #expect(await templates().put()[0] == .written)
    #expect(await templates().put()[0] == .current)
  }

  /// An index of a day is made from the template, and each kind of conflict costs the field and not the line.
  func conflictsCostTheField() async throws {
    #expect(await templates().put()[0].failure == nil)
    let good = #"{"@timestamp":"2026-11-30T00:00:00Z","n":1,"text":"first","o":{"a":1,"s":"x"},"when":"2026-11-30"}"#
    #expect(try await settle("shop", [good]) == .init(indexed: 1))
    let bad = [
      #"{"@timestamp":"nonsense","text":"line1"}"#, #"{"@timestamp":{"x":1},"text":"line2"}"#,
      #"{"n":"two","text":"line3"}"#, #"{"n":{"x":"deep"},"text":"line4"}"#, #"{"o":"concrete","text":"line5"}"#,
      #"{"o":{"a":{"b":2},"s":"kept"},"text":"line6"}"#, #"{"o":[{"a":1},3],"text":"line7"}"#,
      #"{"text":{"was":"line8"},"o":5,"n":{}}"#, #"{"n.x":3,"text":"line9"}"#, #"{"new":3,"new.a":1,"text":"line10"}"#,
      #"{"":1,"text":"line11"}"#, #"{"a..b":1,"text":"line12"}"#, #"{"_id":"x","_source":"y","text":"line13"}"#,
      #"{"deep":\#(String(repeating: #"{"d":"#, count: 30))1\#(String(repeating: "}", count: 30)),"text":"line14"}"#,
      #"{"when":"never","text":"line15"}"#,
    ]
    let tally = try await settle("shop", bad, from: 1)
    #expect(tally == .init(indexed: bad.count), "\(url)")
    for number in 1...bad.count where number != 8 {
      #expect(try await count("shop", "text:line\(number)") == 1, "line \(number) of \(url)")
    }
    #expect(try await count("shop", "o.s:kept") == 1)
    #expect(try await count("shop", "\(SideField.name).o:concrete") == 1)
    #expect(diverted("shop"))
    // The same again is there already, also what was mended.
    #expect(try await settle("shop", bad, from: 1) == .init(duplicates: bad.count))
    let settings = try await client.get("/\(prefix)shop-\(Self.today)/_settings?flat_settings=true").text
    #expect(settings.contains("best_compression"))
  }

  /// What is broken however it is put ends in the quarantine, and nothing beside it does.
  func brokenIsQuarantined() async throws {
    #expect(await templates().put()[0].failure == nil)
    let tally = try await settle("broken", [#"{"ok":1}"#, #"{"n":1,"n":2}"#, #"{"broken":}"#, #"{"ok":2}"#])
    #expect(tally == .init(indexed: 2, quarantined: 2))
  }

  /// One app sends more distinct fields than an index may have: all its lines are searchable, the fields that have no
  /// place are in the side field or not searched, and nobody else notices.
  func storm(fields: Int, lines: Int) async throws {
    let budget = 500
    #expect(await templates(fields: budget).put()[0].failure == nil)
    #expect(try await settle("calm", (0..<50).map { #"{"text":"calm","n":\#($0)}"# }) == .init(indexed: 50))
    let each = fields / lines
    let values = (0..<lines).map { line in
      let members = (0..<each).map { #""f\#(line * each + $0)":"v\#(line)""# }
      return #"{"text":"storm",\#(members.joined(separator: ","))}"#
    }
    var tally = Ended()
    for start in stride(from: 0, to: lines, by: 20) {
      let some = try await settle("storm", Array(values[start..<min(lines, start + 20)]), from: Int64(start))
      tally.indexed += some.indexed
      tally.quarantined += some.quarantined
    }
    #expect(tally == .init(indexed: lines), "\(url)")
    #expect(try await count("storm", "text:storm") == lines)
    let mapped = try await self.fields("storm").count
    #expect(mapped <= budget && mapped > 50, "\(mapped) fields in \(url)")
    // What has no field of its own is found all the same where the server leaves that to us.
    if diverted("storm") {
      #expect(try await count("storm", "\(SideField.name).f\(fields - 1):v\(lines - 1)") == 1)
    } else {
      #expect(try await count("storm", "_ignored:f\(fields - 1)") == 1)
    }
    #expect(try await settle("calm", (50..<100).map { #"{"text":"calm","n":\#($0)}"# }, from: 50) == .init(indexed: 50))
    #expect(try await count("calm", "text:calm") == 100)
    #expect(try await self.fields("calm").count < 10)
  }
}

import BaritoCore
import Curl
import FoundationEssentials
import Glibc
import Kafka
import Logging
import Redaction
import TestKit
import Testing

@testable import BaritoFlow

/// Real servers that the environment names.
private enum RealServer {
  static let elasticsearch: String? = getenv("BARITO_TEST_ELASTICSEARCH").map { String(cString: $0) }
}

/// What only a real server can say, if `BARITO_TEST_ELASTICSEARCH` names one.
@Suite(.timeLimit(.minutes(5)), .enabled(if: RealServer.elasticsearch != nil)) struct RealElasticsearchTests {
  private struct Count: Decodable { var count: Int }

  /// A prefix that no other test has.
  private let prefix = "t\(UInt32.random(in: 0...UInt32.max))."

  private var naming: TopicNaming { TopicNaming(prefix: prefix) }
  private var client: ElasticsearchClient {
    ElasticsearchClient(url: RealServer.elasticsearch ?? "", authorization: nil, clients: 2, timeout: .seconds(60))
  }

  private func templates() -> IndexTemplates {
    IndexTemplates(elasticsearch: client, naming: naming, shards: 1, replicas: 0, fields: 2_000, logger: .silent)
  }

  /// Sends until it is finished, as a worker does, which may come again from the first record that a busy server did not
  /// take in time.
  private func settle(_ records: [TestRecord], redactors: [Redactor?] = []) async throws -> Ended {
    var tally = Ended()
    var left = records[...]
    for _ in 0..<20 {
      var settlement = BatchSettlement(.of(Array(left)), naming: naming, redactors: redactors)
      var patience = 50
      while let request = settlement.next() {
        patience -= 1
        try #require(patience > 0)
        let answer = BulkAnswer(try await client.bulk(request.bytes), to: request)
        if case .unknown(let reason) = answer { Issue.record("\(reason)") }
        _ = settlement.take(answer)
      }
      let some = try #require(settlement.tallies.first)
      tally.indexed += some.indexed
      tally.quarantined += some.quarantined
      guard let parked = settlement.parked.values.first else {
        tally.duplicates = max(0, records.count - tally.indexed - tally.quarantined)
        return tally
      }
      left = left.drop { $0.offset < parked.offset }
    }
    throw NeverHappened(description: "Elasticsearch does not take \(left.count) records")
  }

  private func count(_ index: String, _ query: String = "") async throws -> Int {
    let refreshed = try await client.get("/\(index)/_refresh")
    #expect(refreshed.isSuccess)
    let response = try await client.get("/\(index)/_count\(query)")
    return try JSONDecoder().decode(Count.self, from: Data(response.body)).count
  }

  @Test("the templates are taken, and do what they say: a type conflict costs the field and not the line")
  func conflict() async throws {
    #expect(await templates().put().allSatisfy { $0.failure == nil })
    let topic = "\(prefix)shop_logs"
    let values = [
      #"{"@timestamp":"2023-11-14T00:00:00Z","n":1,"text":"one"}"#,
      #"{"@timestamp":"nonsense","n":"two","text":"two"}"#,
      #"{"@timestamp":"2023-11-14T00:00:00Z","n":"2023-01-01","text":"three"}"#,
    ]
    let settlement = try await settle(
      values.enumerated().map { TestRecord(topic: topic, offset: Int64($0.offset), value: $0.element) })
    #expect(settlement == .init(indexed: 3))
    #expect(try await count("\(prefix)shop-2023.11.14", "?q=text:two") == 1)
    let again = try await settle(
      values.enumerated().map { TestRecord(topic: topic, offset: Int64($0.offset), value: $0.element) })
    #expect(again == .init(duplicates: 3))
    let settings = try await client.get("/\(prefix)shop-2023.11.14/_settings?flat_settings=true").text
    #expect(settings.contains("best_compression") && settings.contains(#""index.mapping.ignore_malformed":"true""#))
  }

  @Test("what is refused for good is in the quarantine, and holds nobody")
  func quarantine() async throws {
    #expect(await templates().put().allSatisfy { $0.failure == nil })
    let topic = "\(prefix)shop_logs"
    let tally = try await settle([
      TestRecord(topic: topic, offset: 0, value: #"{"ok":1}"#),
      TestRecord(topic: topic, offset: 1, value: #"{"broken":}"#),
      TestRecord(topic: topic, offset: 2, value: #"{"o":{"a":1}}"#),
      TestRecord(topic: topic, offset: 3, value: #"{"o":"a text where an object is"}"#),
      TestRecord(topic: topic, offset: 4, value: nil),
      TestRecord(topic: topic, offset: 5, value: "[\"\(String(repeating: "long ", count: 20_000))\"]"),
      TestRecord(topic: topic, offset: 6, value: #"{"ok":2}"#),
    ])
    #expect(tally.indexed + tally.quarantined == 7 && tally.quarantined >= 3 && tally.indexed >= 3)
    let index = "barito-quarantine-\(prefix)shop-2023.11.14"
    #expect(try await count(index) == tally.quarantined)
    #expect(try await count(index, "?q=type:tombstone") == 1)
    #expect(try await count(index, "?q=raw:long") == 0)
  }

  @Test("no search finds what an app's rules take out, in documents or in the quarantine")
  func redaction() async throws {
    #expect(await templates().put().allSatisfy { $0.failure == nil })
    let topic = "\(prefix)pay_logs"
    let redactor = Redactor([
      RedactionRule(name: "CARD", .pattern(#"\b\d{16}\b"#), hintStart: 2, hintEnd: 2),
      RedactionRule(name: "MAIL", .path(".user.mail")),
    ])
    let values = [
      #"{"text":"paid with 4111111111111111","user":{"mail":"ada@example.com"}}"#,
      #"{"text":"\u0034111111111111111","user.mail":"ada@example.com"}"#,
      #"{"text":"4111111111111111","user":{"mail":"ada@example.com"}"#, #"{"o":{"a":1}}"#,
      #"{"o":"4111111111111111 where an object is"}"#,
    ]
    let tally = try await settle(
      values.enumerated().map { TestRecord(topic: topic, offset: Int64($0.offset), value: $0.element) },
      redactors: [redactor])
    #expect(tally.indexed + tally.quarantined == 5 && tally.indexed >= 3)
    #expect(try await count("\(prefix)pay-2023.11.14") == tally.indexed)
    for index in ["\(prefix)pay-2023.11.14", "barito-quarantine-\(prefix)pay-2023.11.14"] {
      #expect(try await count(index) > 0)
      for word in ["4111111111111111", "ada", "example.com"] {
        #expect(try await count(index, "?q=\(word)") == 0, "\(word) in \(index)")
      }
      let all = try await client.get("/\(index)/_search?size=100").text
      #expect(!all.contains("4111111111111111") && !all.contains("ada@"))
      #expect(all.contains("REDACTED]"))
    }
    #expect(try await count("\(prefix)pay-2023.11.14", "?q=REDACTED") >= 2)
  }

  @Test("more fields than an index may have")
  func fields() async throws {
    #expect(await templates().put().allSatisfy { $0.failure == nil })
    let topic = "\(prefix)wide_logs"
    let members = (0..<2_500).map { #""f\#($0)":\#($0)"# }.joined(separator: ",")
    let settlement = try await settle([TestRecord(topic: topic, value: "{\(members)}")])
    // Indexed without the fields that are too many where the server can do that, else in the quarantine.
    #expect(settlement.indexed + settlement.quarantined == 1)
    if try await client.get("/").text.contains(#""number" : "8."#) { #expect(settlement.indexed == 1) }
  }
}

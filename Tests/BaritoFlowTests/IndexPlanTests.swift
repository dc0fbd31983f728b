import BaritoCore
import Kafka
import Testing

@testable import BaritoFlow

@Suite struct IndexPlanTests {
  private func plan(_ records: [TestRecord], _ naming: TopicNaming = TopicNaming()) -> IndexPlan {
    IndexPlan(.of(records), naming: naming)
  }

  private func named(_ id: String, _ time: String, _ item: String) -> [(String, String)] {
    [("barito-batch-id", id), ("barito-batch-time", time), ("barito-batch-item", item)]
  }

  @Test("a record's index and id are these, and always will be")
  func golden() {
    let plan = plan([TestRecord(partition: 3, offset: 42, value: #"{"a":1}"#)])
    #expect(
      plan.documents.text
        == #"{"create":{"_index":"shop-2023.11.14","_id":"01hf7uaq3r0000003000000000001a"}}"# + "\n"
        + #"{"a":1}"# + "\n")
    #expect(plan.quarantine.isEmpty)
  }

  @Test("a named batch gives id and day, wherever the record lies and whenever it came")
  func namedBatch() {
    let headers = named("chunk:1", "1700000000000", "5")
    let plan = plan([
      TestRecord(partition: 3, offset: 42, headers: headers),
      TestRecord(partition: 1, offset: 7, timestamp: 1_800_000_000_000, headers: headers),
    ])
    #expect(plan.documents.addresses.map(\.index) == ["shop-2023.11.14", "shop-2023.11.14"])
    #expect(plan.documents.addresses.map(\.id) == ["chunk:1-01hf7uaq00-0000005", "chunk:1-01hf7uaq00-0000005"])
  }

  @Test(
    "an id that the sender gave is the document's, escaped where JSON needs it, in the day of the document's own time")
  func senderID() throws {
    let headers = [("barito-document-id", "a \"b\" \\ é\n"), ("barito-batch-time", "1700000000000")]
    let plan = plan([
      TestRecord(partition: 3, offset: 42, timestamp: 1_800_000_000_000, headers: headers),
      TestRecord(offset: 7, timestamp: 1_800_000_000_000, headers: [headers[0]]),
      TestRecord(offset: 8, value: "[]", headers: headers),
    ])
    #expect(
      plan.documents.text.split(separator: "\n").first
        == #"{"create":{"_index":"shop-2023.11.14","_id":"a \"b\" \\ é\n"}}"#)
    #expect(plan.documents.addresses.map(\.index) == ["shop-2023.11.14", "shop-2027.01.15"])
    #expect(plan.documents.addresses.map(\.id) == [headers[0].1, headers[0].1])
    var model = ModelElasticsearch()
    _ = model.bulk(plan.quarantine.bytes, nil)
    #expect(try model.quarantined.first?.id == headers[0].1)
  }

  @Test(
    "headers that are not whole or not well formed are as if they were not there",
    arguments: [
      ("", "1700000000000", "5"), ("a b", "1700000000000", "5"), ("a", "x", "5"), ("a", "-1", "5"),
      ("a", "999999999999999", "5"), ("a", "1700000000000", "-1"), ("a", "1700000000000", "4294967296"),
      ("a", "1700000000000", ""),
    ])
  func invalidHeaders(id: String, time: String, item: String) {
    let plan = plan([
      TestRecord(partition: 3, offset: 42, headers: named(id, time, item)),
      TestRecord(partition: 3, offset: 42, headers: Array(named("a", "1700000000000", "5").dropLast())),
      TestRecord(partition: 3, offset: 42),
    ])
    #expect(Set(plan.documents.addresses.map(\.id)) == ["01hf7uaq3r0000003000000000001a"])
    #expect(Set(plan.documents.addresses.map(\.index)) == ["shop-2023.11.14"])
  }

  @Test(
    "the day is one that exists, whatever the timestamp is",
    arguments: [
      (-1, "shop-1970.01.01"), (Int64.min, "shop-1970.01.01"), (0, "shop-1970.01.01"), (86_399_999, "shop-1970.01.01"),
      (86_400_000, "shop-1970.01.02"), (Int64.max, "shop-9999.12.31"), (1_709_251_199_999, "shop-2024.02.29"),
    ] as [(Int64, String)])
  func days(timestamp: Int64, index: String) {
    #expect(plan([TestRecord(timestamp: timestamp)]).documents.addresses.map(\.index) == [index])
  }

  @Test("records that differ have ids that differ")
  func distinct() {
    let records = (0..<4).flatMap { partition in
      (0..<50).flatMap { offset in
        [-1, 0, 1_700_000_000_000].map { TestRecord(partition: partition, offset: offset, timestamp: $0) }
      }
    }
    #expect(Set(plan(records).documents.addresses.map(\.id)).count == records.count)
  }

  @Test("an index's name is lower case, topics that are no app's are passed over")
  func topics() {
    let plan = plan([
      TestRecord(topic: "Shop_logs"), TestRecord(topic: "new_topic_events", value: "shop_logs"),
      TestRecord(topic: "barito_usage"), TestRecord(topic: "_logs"), TestRecord(topic: "other"),
    ])
    #expect(plan.documents.addresses.map(\.index) == ["shop-2023.11.14"] && plan.quarantine.isEmpty)
  }

  @Test("without a suffix the platform's own topics are still no app's")
  func noSuffix() {
    let naming = TopicNaming(prefix: "", suffix: "")
    let plan = plan(
      [TestRecord(topic: "new_topic_events", value: "a"), TestRecord(topic: "barito_usage"), TestRecord(topic: "a")],
      naming)
    #expect(plan.documents.addresses.map(\.index) == ["a-2023.11.14"] && plan.quarantine.isEmpty)
  }

  @Test(
    "what can be no document goes to the quarantine and breaks nothing beside it",
    arguments: [
      (nil, "tombstone"), ("", "not_an_object"), ("[1]", "not_an_object"), ("{", "not_an_object"),
      ("{\"a\":\n1}", "not_one_line"), ("{}\n{\"delete\":{}}", "not_one_line"),
    ] as [(String?, String)])
  func faults(value: String?, type: String) throws {
    let plan = plan([TestRecord(offset: 1), TestRecord(offset: 2, value: value), TestRecord(offset: 3)])
    #expect(plan.documents.items.map(\.record) == [0, 2])
    var model = ModelElasticsearch()
    _ = model.bulk(plan.quarantine.bytes, nil)
    let entry = try #require(try model.quarantined.first)
    #expect(entry.type == type && entry.raw == value ?? "" && entry.offset == 2 && entry.partition == 0)
    #expect(entry.topic == "shop_logs" && entry.index == "shop-2023.11.14" && entry.rawBytes == nil)
    #expect(plan.quarantine.addresses.map(\.index) == ["barito-quarantine-shop-2023.11.14"])
    #expect(plan.quarantine.addresses.map(\.id) == [entry.id])
  }

  @Test("bytes that are no text are kept in the quarantine byte for byte")
  func rawBytes() throws {
    var batch = RecordBatch.of([TestRecord(value: "[\"aaaa\u{1}\"]")])
    batch = batch.replacing("aaaa", with: [0xFF, 0x22, 0x5C, 0x0A])
    var model = ModelElasticsearch()
    _ = model.bulk(IndexPlan(batch, naming: TopicNaming()).quarantine.bytes, nil)
    let entry = try #require(try model.quarantined.first)
    #expect(entry.raw == nil)
    let bytes = Array("[\"".utf8) + [0xFF, 0x22, 0x5C, 0x0A] + Array("\u{1}\"]".utf8)
    #expect(entry.rawBase64.flatMap { Base64.decode(Array($0.utf8)) } == bytes)
  }

  @Test("the headers that say who a record is are kept beside its bytes")
  func keptHeaders() throws {
    let headers = named("chunk:1", "1700000000000", "5") + [("other", "x")]
    var model = ModelElasticsearch()
    _ = model.bulk(plan([TestRecord(value: "[]", headers: headers)]).quarantine.bytes, nil)
    let entry = try #require(try model.quarantined.first)
    #expect(entry.headers == Dictionary(uniqueKeysWithValues: named("chunk:1", "1700000000000", "5")))
    #expect(entry.id == "chunk:1-01hf7uaq00-0000005")
  }
}

extension RecordBatch {
  /// The same with other bytes of the same length.
  fileprivate func replacing(_ text: String, with bytes: [UInt8]) -> RecordBatch {
    var copy = self
    copy.overwrite(text, with: bytes)
    return copy
  }

  @Test("what the first Barito wrote becomes documents, and each line of a collection has an id of its own")
  func timbers() throws {
    // Timber { timestamp: "2021-03-16T08:00:00Z", content: {"n": 1} }
    let content: [UInt8] = [0x0A, 0x0E, 0x0A, 0x01, 0x6E, 0x12, 0x09, 0x11, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
    let time = Array("2021-03-16T08:00:00Z".utf8)
    let timber: [UInt8] = [0x12, UInt8(time.count)] + time + [0x1A, UInt8(content.count)] + content
    var collection: [UInt8] = []
    for item in [timber, [0x12, 0], timber] { collection += [0x12, UInt8(item.count)] + item }
    let batch = RecordBatch.of(bytes: [
      (timber, []), (collection, [("message_format", "TimberCollection")]), (Array("text".utf8), []),
      ([0x0A, 0], [("message_format", "TimberCollection")]),
    ])
    let plan = IndexPlan(batch, naming: TopicNaming())
    let document = #"{"n":1,"@timestamp":"2021-03-16T08:00:00Z"}"#
    #expect(ModelElasticsearch.parse(plan.documents.bytes).map(\.source) == [document, document, document])
    let first = DocumentID(partition: 0, offset: 0, timestamp: 1_700_000_000_123).description
    let second = DocumentID(partition: 0, offset: 1, timestamp: 1_700_000_000_123).description
    #expect(plan.documents.addresses.map(\.id) == [first, second + "-0000000", second + "-0000002"])
    #expect(plan.documents.items.map(\.record) == [0, 1, 1])
    #expect(plan.quarantine.items.map(\.record) == [1, 2, 3], "an empty collection is told of, too")
  }
}

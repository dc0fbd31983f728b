import BaritoCore
import Kafka
import Testing

@testable import BaritoRouter

@Suite struct BatchNameTests {
  private let now: Int64 = 1_700_000_000_000

  private func read(_ id: String?, _ time: String?) throws(Refusal) -> BatchName? {
    try BatchName.read(now: now) { name in name == "X-Barito-Batch-Id" ? id : time }
  }

  @Test("a batch is named by both headers or by none")
  func both() throws {
    #expect(try read(nil, nil) == nil)
    #expect(throws: Refusal.self) { try read("a", nil) }
    #expect(throws: Refusal.self) { try read(nil, "2023-11-14T22:13:20Z") }
    let name = try #require(try read("chunk:1", "2023-11-14T22:13:20.123Z"))
    #expect(name.time == 1_700_000_000_123)
    #expect(
      name.headers == [
        KafkaHeader("barito-batch-id", "chunk:1"), KafkaHeader("barito-batch-time", "1700000000123"),
      ])
  }

  @Test("the same moment in another zone is the same name")
  func zones() throws {
    #expect(try read("a", "2023-11-14T22:13:20Z") == read("a", "2023-11-15T05:13:20+07:00"))
  }

  @Test(
    "what would make other ids in each try, or indices without end, is refused",
    arguments: [
      ("", "2023-11-14T22:13:20Z"), ("a b", "2023-11-14T22:13:20Z"), ("a\"", "2023-11-14T22:13:20Z"),
      ("a", ""), ("a", "yesterday"), ("a", "1700000000"), ("a", "1969-12-31T23:59:59Z"), ("a", "9999-12-31T00:00:00Z"),
      ("a", "2023-11-16T22:13:21Z"), (String(repeating: "a", count: 129), "2023-11-14T22:13:20Z"),
    ])
  func refused(id: String, time: String) {
    do throws(Refusal) {
      _ = try read(id, time)
      Issue.record("it was taken")
    } catch {
      #expect(error.code == .invalidBatch && error.status == 400)
    }
  }

  @Test("a clock that is some hours ahead is forgiven")
  func ahead() throws {
    #expect(try read("a", "2023-11-15T22:13:19Z") != nil)
  }

  @Test("each line carries its place, and its id where the sender gave one")
  func places() throws {
    var writer = DocumentBatchWriter(
      receivedAt: .earliest, limits: DocumentBatch.Limits(documentBytes: 100, items: 10), capacity: 0)
    for (document, id) in [("{}", nil), ("{\"a\":1}", SenderID("x", time: 7))] {
      let start = writer.open
      writer.output += Array(document.utf8)
      #expect(writer.close(start, isStamped: false, id: id) == .taken)
    }
    let item = { (place: String) in KafkaHeader("barito-batch-item", place) }
    let id = KafkaHeader("barito-document-id", "x")
    let named = try #require(RecordHeaders.messages(writer.batch, named: try read("a", "2023-11-15T22:13:19Z")))
    #expect(named.map(\.value) == [0..<2, 2..<9])
    #expect(named.map(\.headers) == [[item("0")], [item("1"), id]])
    // The batch's time is the same in every try and stands for the document's own.
    #expect(
      RecordHeaders.messages(writer.batch, named: nil)?.map(\.headers)
        == [[], [id, KafkaHeader("barito-batch-time", "7")]])
  }

  @Test("lines that nobody named carry nothing")
  func unnamed() {
    var writer = DocumentBatchWriter(
      receivedAt: .earliest, limits: DocumentBatch.Limits(documentBytes: 100, items: 10), capacity: 0)
    let start = writer.open
    writer.output += Array("{}".utf8)
    #expect(writer.close(start, isStamped: false) == .taken)
    #expect(RecordHeaders.messages(writer.batch, named: nil) == nil)
  }
}

import BaritoCore
import Regex
import Testing

@testable import BaritoTail

@Suite struct TailCursorTests {
  @Test("a cursor is read as it was written")
  func roundTrip() throws {
    let cursor = TailCursor([AppID(12): [5, 0, Int64.max], AppID(3): []])
    #expect(cursor.text == "v1_3_12.5.0.9223372036854775807")
    #expect(TailCursor(cursor.text) == cursor)
  }

  @Test(
    "what is no cursor is not taken for one",
    arguments: [
      "", "v2_1.2", "v1_", "v1_a.1", "v1_1.-2", "v1_1..2", "v1_1.2_1.3", "v1_1.+2", "v1_99999999999999999999",
    ])
  func broken(text: String) {
    #expect(TailCursor(text) == nil)
  }
}

@Suite struct LineFilterTests {
  private func passes(
    _ document: String, level: LogLevel? = nil, fields: [(String, String)] = [], exclude: String? = nil
  ) throws -> Bool {
    var filter = LineFilter()
    filter.level = level
    for (name, value) in fields { filter.add(field: name, value: value) }
    if let exclude { filter.exclude = [try RegularExpression(exclude)] }
    return try filter.passes(document.utf8Span.span)
  }

  @Test("all conditions must be met, one of several values of a field")
  func conditions() throws {
    let document = #"{"level":"WARN","user":{"id":7},"a.b":"x","note":"caf\u00e9"}"#
    #expect(try passes(document, level: .warning))
    #expect(try !passes(document, level: .error))
    #expect(try passes(document, fields: [("user.id", "7")]))
    #expect(try passes(document, fields: [("a.b", "x")]))
    #expect(try passes(document, fields: [("note", "café")]))
    #expect(try !passes(document, fields: [("user.name", "7")]))
    #expect(try passes(document, fields: [("user.id", "8"), ("user.id", "7")]))
    #expect(try !passes(document, fields: [("user.id", "7"), ("a.b", "y")]))
    #expect(try !passes(document, exclude: "WARN"))
  }

  @Test("a line without a level passes only where no level is asked for")
  func noLevel() throws {
    #expect(try passes("{}"))
    #expect(try !passes("{}", level: .trace))
  }
}

@Suite struct GapTests {
  @Test("what lies before the oldest line is missing, what lies behind the newest is another topic")
  func reconciliation() {
    let available = 10..<20 as Range<Int64>
    #expect(Reconciliation(10, available: available).missing == nil)
    #expect(Reconciliation(20, available: available).next == 20)
    #expect(Reconciliation(4, available: available).missing == 4..<10)
    #expect(Reconciliation(4, available: available).next == 10)
    #expect(Reconciliation(21, available: available).isRecreated)
    #expect(Reconciliation(21, available: available).next == 10)
  }

  @Test("a gap counts the lines of all its partitions")
  func count() {
    let gap = Gap(
      .slow,
      [
        .init(app: AppID(1), partition: 0, offsets: 5..<8), .init(app: AppID(1), partition: 2, offsets: 0..<100),
      ])
    #expect(gap.lines == 103)
  }

  @Test("partitions that a cursor does not know are read from their beginning")
  func newPartitions() {
    var opening = TailOpening()
    opening.resume(AppID(1), [7], [0..<9, 0..<4, 2..<5])
    #expect(opening.offsets == [7, 0, 2])
    #expect(opening.gaps == [Gap(.retention, [.init(app: AppID(1), partition: 2, offsets: 0..<2)])])
  }

  @Test("a topic with fewer partitions than the cursor knows is another one")
  func fewerPartitions() {
    var opening = TailOpening()
    opening.resume(AppID(1), [7, 8], [1..<9])
    #expect(opening.offsets == [1])
    #expect(opening.gaps.map(\.reason) == [.recreated])
  }

  @Test("a rate lets so many through each second and counts the rest once")
  func rate() {
    var gate = RateGate(limit: 2)
    let admitted = (0..<5).map { gate.admit(now: 1_000_000_000 + $0) }
    #expect(admitted == [true, true, false, false, false])
    let gaps = [gate.takeGap(), gate.takeGap()]
    #expect(gaps == [Gap(.rate, lines: 3), nil])
    let next = gate.admit(now: 2_000_000_000)
    #expect(next)
  }
}

@Suite struct TimeOrderTests {
  @Test("partitions are merged by time, and no partition is reordered")
  func merge() {
    let lines: [(partition: Int, time: Int64)] = [(0, 1), (0, 9), (0, 3), (1, 2), (1, 4)]
    let order = TimeOrder.merge(lines)
    #expect(order == [0, 3, 4, 1, 2])
  }

  @Test("the last lines are taken from the ends of the partitions")
  func last() {
    #expect(TimeOrder.last(3, of: [[1, 5, 6], [2, 3, 7], []]) == [2, 1, 0])
    #expect(TimeOrder.last(10, of: [[1], [2, 3]]) == [1, 2])
    #expect(TimeOrder.last(0, of: [[1]]) == [0])
  }
}

@Suite struct RecentDocumentsTests {
  @Test("a document is new once, until so many others came that it is forgotten")
  func bounded() {
    var recent = RecentDocuments(capacity: 2)
    let ids = (0..<3).map { DocumentID(partition: 0, offset: $0, timestamp: 0) }
    let isNew = [0, 0, 1, 2, 2, 0].map { recent.insert(ids[$0]) }
    #expect(isNew == [true, false, true, true, false, true])
  }
}

@Suite struct LineDocumentTests {
  @Test("an object is shown as it is, all else as the text of a message")
  func make() {
    func made(_ bytes: [UInt8]) -> String { String(decoding: LineDocument.make(bytes.span), as: UTF8.self) }
    #expect(made(Array(#"{"a":1e3,"a":2}"#.utf8)) == #"{"a":1e3,"a":2}"#)
    #expect(made(Array("{\"a\":\r\n1}".utf8)) == "{\"a\":  1}")
    #expect(made(Array("\"a\"".utf8)) == #"{"message":"\"a\""}"#)
    #expect(made([0x61, 0xff, 0x0a]) == "{\"message\":\"a\u{fffd}\\n\"}")
    #expect(made([]) == #"{"message":""}"#)
  }
}

@Suite struct TailParametersTests {
  private func read(_ pairs: (String, String)...) throws(TailRefusal) -> TailParameters {
    try TailParameters([("app", "shop")] + pairs.map { (name: $0.0, value: $0.1) }, now: 1_000_000_000)
  }

  @Test("times are lengths before now or moments")
  func times() throws {
    #expect(try read(("since", "10m")).since == 999_400_000)
    #expect(try read(("since", "1970-01-01T00:00:01Z")).since == 1000)
  }

  @Test(
    "what cannot be shown is refused, with the parameter that is to blame",
    arguments: [
      ("tail", "-1"), ("tail", "10001"), ("rate", "0"), ("follow", "maybe"), ("since", ""), ("field.", "x"),
      ("exclude", "["),
    ])
  func refused(name: String, value: String) {
    let refusal = #expect(throws: TailRefusal.self) { try read((name, value)) }
    #expect(refusal?.parameter == name)
    #expect(refusal?.status == 400)
  }

  @Test("an end before the beginning is refused")
  func order() {
    #expect(throws: TailRefusal.self) { try read(("since", "1m"), ("until", "2m")) }
  }
}

@Suite struct TailEncoderTests {
  @Test("an id that a sender gave is JSON, whatever is in it")
  func ids() throws {
    let app = TailApp(id: AppID(1), label: "shop", topic: "shop_logs", brokers: "")
    let id = try #require(DocumentID(sender: Array("a\",\"line\":{}\n\\é".utf8)))
    for format in [TailEncoder.Format.ndjson, .events] {
      var output: [UInt8] = []
      TailEncoder(format: format).line(Array("{}".utf8), of: app, at: 0, id: id, cursor: TailCursor(), to: &output)
      let text = String(decoding: output, as: UTF8.self)
      #expect(text.contains(#""id":"a\",\"line\":{}\n\\é","line":{}"#), "\(text)")
    }
  }
}

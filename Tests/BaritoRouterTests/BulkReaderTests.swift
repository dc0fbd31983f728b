import BaritoCore
import Testing

@testable import BaritoRouter

/// What a `_bulk` body becomes, without a Router around it.
struct BulkReading {
  var batch: DocumentBatch
  var items: BulkItems

  init(
    _ body: [UInt8], index: String = "logs", filter: String? = nil,
    limits: DocumentBatch.Limits = DocumentBatch.Limits(documentBytes: 1000, items: 100),
    at receivedAt: Timestamp = Timestamp(milliseconds: 1_800_000_000_000)!
  ) throws(IngestRejection) {
    var writer = DocumentBatchWriter(receivedAt: receivedAt, limits: limits, capacity: 0)
    items = try BulkReader.read(
      body.span, BulkProtocol.Form(index: index, filter: FilterPath(filter), start: .now), into: &writer)
    batch = writer.batch
  }

  init(_ body: String, index: String = "logs", filter: String? = nil) throws(IngestRejection) {
    try self.init(Array(body.utf8), index: index, filter: filter)
  }

  var documents: [String] { batch.documents.map { String(decoding: batch.bytes[$0], as: UTF8.self) } }
  var text: String { String(decoding: items.bytes, as: UTF8.self) }
}

@Suite struct BulkReaderTests {
  static let document = #"{"@timestamp":"2026-11-22T10:15:30Z","a":1}"#
  static let plain =
    #"{"create":{"_index":"logs","_id":null,"_version":1,"result":"created","#
    + #""_shards":{"total":1,"successful":1,"failed":0},"status":201}}"#

  @Test(
    "whatever ends lines, and however many are blank between them",
    arguments: [
      "{\"create\":{}}\n\(document)\n", "{\"create\":{}}\n\(document)", "{\"create\":{}}\r\n\(document)\r\n",
      "\n \n{\"create\":{}}\n\(document)\n\n\r\n", "  { \"create\" : { } }  \n  \(document)  \n",
      "{\"create\":{\"_index\":null,\"_id\":null}}\n\(document)\n",
      "{\"create\":{\"_type\":\"_doc\",\"routing\":[\"a\"],\"x\":{\"_id\":\"b\"}}}\n\(document)\n",
    ])
  func shapes(body: String) throws {
    let reading = try BulkReading(body)
    #expect(reading.documents == [Self.document])
    #expect(reading.batch.ids == [])
    #expect(reading.text == Self.plain)
    #expect(!reading.items.hasErrors)
  }

  @Test("the answer repeats the action, the index of the action or else of the path, and the id")
  func echo() throws {
    let reading = try BulkReading(
      """
      {"index":{"_index":"a \\"b\\"","_id":"x\\u00e9\\n"}}
      \(Self.document)
      {"create":{"_id":7}}
      \(Self.document)

      """, index: "path", filter: "items.*._id,items.*._index")
    #expect(
      reading.text == #"{"index":{"_index":"a \"b\"","_id":"xé\n"}},{"create":{"_index":"path","_id":"7"}}"#)
    #expect(reading.batch.ids.map(\.?.id) == ["xé\n", "7"])
  }

  @Test("update and delete are refused one by one, and what belongs to them is passed over")
  func refusedActions() throws {
    let reading = try BulkReading(
      """
      {"update":{"_id":"1"}}
      {"doc":{"create":{}}}
      {"delete":{"_id":"2"}}
      {"create":{}}
      \(Self.document)

      """, filter: "items.*.status,items.*.error.type")
    #expect(reading.documents == [Self.document])
    #expect(reading.items.hasErrors)
    #expect(
      reading.text
        == #"{"update":{"status":400,"error":{"type":"illegal_argument_exception"}}},"#
        + #"{"delete":{"status":400,"error":{"type":"illegal_argument_exception"}}},{"create":{"status":201}}"#)
  }

  @Test(
    "a document that cannot be one is its item's fault, and the others go on",
    arguments: [
      (#"{"create":{}}"#, "", "not valid JSON at byte 14"), (#"{"create":{}}"#, "[1]", "not an object (array)"),
      (#"{"create":{}}"#, #"{"a":}"#, "not valid JSON at byte 19"),
      (#"{"create":{}}"#, #"{"a":1} {}"#, "not valid JSON at byte 22"),
      (#"{"create":{}}"#, #"{"a":""# + String(repeating: "x", count: 1000) + #""}"#, "1008 bytes; the limit is 1000"),
      // The time that it would be given makes it too large.
      (#"{"create":{}}"#, #"{"a":""# + String(repeating: "x", count: 990) + #""}"#, "1038 bytes; the limit is 1000"),
      (#"{"create":{"_id":""}}"#, document, "must not be empty"),
      (#"{"create":{"_id":"\#(String(repeating: "é", count: 257))"}}"#, document, "512 bytes but was: 514"),
    ])
  func faults(action: String, source: String, reason: String) throws {
    let reading = try BulkReading("\(action)\n\(source)\n{\"create\":{}}\n\(Self.document)\n")
    #expect(reading.documents == [Self.document])
    #expect(reading.items.count == 2)
    #expect(reading.items.hasErrors)
    #expect(reading.text.contains(reason), "\(reading.text)")
    #expect(reading.text.contains(#""status":400"#))
    #expect(reading.text.hasSuffix("," + Self.plain))
  }

  @Test("the longest id is taken")
  func longestID() throws {
    let id = String(repeating: "é", count: 256)
    #expect(try BulkReading("{\"create\":{\"_id\":\"\(id)\"}}\n{}\n").batch.ids.map(\.?.id) == [id])
  }

  @Test(
    "an action that cannot be read refuses the request, with its line and byte",
    arguments: [
      ("\n{\"create\":{}", 2, 13), ("{}\n{}\n", 1, 1), ("[]\n{}\n", 1, 0), ("{\"foo\":{}}\n{}\n", 1, 2),
      ("{\"create\":null}\n{}\n", 1, 10), ("{\"create\":{},\"index\":{}}\n{}\n", 1, 21),
      ("{\"create\":{}} x\n{}\n", 1, 14), ("{\"create\":{\"_id\":[]}}\n{}\n", 1, 17),
      ("{\"create\":{}}\n{}\nx\n{}\n", 3, 17), ("{\"create\":{}}", 1, 13), ("{\"create\":{}}\n", 1, 14),
      ("{\"update\":{}}\n", 1, 14),
    ])
  func malformed(body: String, line: Int, offset: Int) throws {
    let rejection = #expect(throws: IngestRejection.self) { try BulkReading(body) }
    #expect(rejection?.code == .malformed)
    #expect(rejection?.place == .line(line))
    #expect(rejection?.offset == offset)
  }

  @Test("a body without actions is refused", arguments: ["", "\n", " \r\n\n"])
  func empty(body: String) throws {
    #expect(throws: IngestRejection.self) { try BulkReading(body) }
  }

  @Test("a delete may be the last line")
  func lastDelete() throws {
    #expect(try BulkReading("{\"delete\":{\"_id\":\"1\"}}").items.count == 1)
  }

  @Test("more documents than allowed refuse the request")
  func tooMany() throws {
    let body = Array(String(repeating: "{\"create\":{}}\n{}\n", count: 3).utf8)
    let rejection = #expect(throws: IngestRejection.self) {
      try BulkReading(body, limits: DocumentBatch.Limits(documentBytes: 1000, items: 2))
    }
    #expect(rejection?.code == .tooManyItems)
  }

  @Test(
    "a document with an id lies in the day of its own time, where that is one an index may be named by",
    arguments: [
      (#"{"@timestamp":"2026-11-22T10:15:30.5Z"}"#, 1_795_342_530_500),
      (#"{"@timestamp":1795342530500}"#, 1_795_342_530_500),
      (#"{"@timestamp":0}"#, 0), (#"{"@timestamp":-1}"#, nil), (#"{"@timestamp":"yesterday"}"#, nil),
      (#"{"@timestamp":1800086400000}"#, 1_800_086_400_000), (#"{"@timestamp":1800086400001}"#, nil),
      (#"{"@timestamp":9223372036854775807}"#, nil), (#"{"@timestamp":1.5}"#, nil), (#"{"@timestamp":null}"#, nil),
      (#"{"a":{"@timestamp":0}}"#, nil), (#"{"@time\u0073tamp":5}"#, 5), ("{}", nil),
    ] as [(String, Int64?)])
  func times(document: String, time: Int64?) throws {
    let reading = try BulkReading("{\"create\":{\"_id\":\"x\"}}\n\(document)\n")
    #expect(reading.batch.ids == [SenderID("x", time: time)])
  }

  @Test("whatever the bytes are, every action has its item and every document is an object on one line")
  func random() {
    var random = Seeded(20_261_122)
    let actions = ["{\"create\":{}}", "{\"index\":{\"_id\":\"a\"}}", "{\"delete\":{}}", "{\"update\":{}}"].map {
      Array($0.utf8)
    }
    let pieces = [
      "{}", "{\"a\":1}", "\r", "{", "}", "\"", "\\", "[", "]", ":", ",", "null", "\u{0}", "é", " ",
      "{\"@timestamp\":1}",
    ].map { Array($0.utf8) }
    var read = 0
    for _ in 0..<4000 {
      var body: [UInt8] = []
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        body += (actions.randomElement(using: &random) ?? []) + [0x0A]
        for _ in 0..<Int.random(in: 0...5, using: &random) { body += pieces.randomElement(using: &random) ?? [] }
        if Int.random(in: 0..<10, using: &random) > 0 { body.append(0x0A) }
      }
      for _ in 0..<Int.random(in: 0...1, using: &random) where !body.isEmpty {
        body[Int.random(in: body.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let reading = try? BulkReading(body) else { continue }
      read += 1
      let items = Array("[".utf8) + reading.items.bytes + Array("]".utf8)
      var elements = JSONElements(of: 0..<items.count)
      var count = 0
      while let element = try? elements.next(in: items.span) {
        #expect(element.kind == .object)
        count += 1
      }
      #expect(count == reading.items.count)
      #expect(reading.batch.documents.count <= count)
      for document in reading.batch.documents {
        let bytes = Array(reading.batch.bytes[document])
        #expect((try? JSONScanner.validate(bytes.span))?.kind == .object)
        #expect(!bytes.contains(0x0A))
      }
    }
    #expect(read > 100, "the bodies are too random to show anything")
  }
}

@Suite struct FilterPathTests {
  @Test(
    "a filter shows what Elasticsearch's would",
    arguments: [
      (nil, "errors", true), ("errors", "errors", true), ("errors", "took", false),
      ("items", "items.create.status", true),
      ("items.*.status", "items.index.status", true), ("items.create.status", "items.index.status", false),
      ("items.*.error", "items.index.error.type", true), ("items.*.error.reason", "items.index.error.type", false),
      ("**.status", "items.index.status", true), ("*", "items.index.status", true),
      ("i*s.c*e.st*", "items.create.status", true),
      ("-took", "took", false), ("-took", "errors", true), ("-items.*._*", "items.index._id", false),
      ("items,-items.*.error", "items.index.error.type", false), ("items.**", "items.index._id", true),
      ("er*x", "errors", false), ("", "took", true), (",", "took", true),
    ] as [(String?, String, Bool)])
  func filter(text: String?, path: String, isShown: Bool) {
    #expect(FilterPath(text).includes(path.split(separator: ".").map(String.init)) == isShown)
  }

  @Test("items that show nothing are not there at all")
  func hidden() throws {
    let body = "{\"create\":{}}\n{}\n{\"delete\":{}}\n{\"create\":{}}\n{}\n"
    #expect(
      try BulkReading(body, filter: "items.*.error.type").text
        == #"{"delete":{"error":{"type":"illegal_argument_exception"}}}"#)
    #expect(try BulkReading("{\"create\":{}}\n{}\n", filter: "errors").items.isShown == false)
    #expect(try BulkReading("{\"create\":{}}\n{}\n", filter: "items.*.status").text == #"{"create":{"status":201}}"#)
  }
}

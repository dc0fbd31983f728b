import BaritoCore
import Testing

@testable import BaritoRouter

@Suite struct ProduceReaderTests {
  private func read(
    _ body: String, _ format: ProduceFormat, documentBytes: Int = 1000, items: Int = 100, depth: Int = 100
  ) throws(IngestRejection) -> DocumentBatch {
    try read(
      Array(body.utf8), format, .init(documentBytes: documentBytes, items: items, depth: depth))
  }

  private func read(
    _ body: [UInt8], _ format: ProduceFormat, _ limits: DocumentBatch.Limits
  ) throws(IngestRejection) -> DocumentBatch {
    var writer = DocumentBatchWriter(receivedAt: Self.now, limits: limits, capacity: 0)
    try ProduceReader.read(body.span, as: format, into: &writer)
    return writer.batch
  }

  private func documents(_ body: DocumentBatch) -> [String] {
    body.documents.map { String(decoding: body.bytes[$0], as: UTF8.self) }
  }

  private func rejection(
    _ body: String, _ format: ProduceFormat, documentBytes: Int = 1000, items: Int = 100, depth: Int = 100
  ) throws -> IngestRejection {
    try #require(throws: IngestRejection.self) {
      _ = try read(body, format, documentBytes: documentBytes, items: items, depth: depth)
    }
  }

  static let now = Timestamp("2026-11-22T10:15:30.123Z")!
  static let stamp = #""@timestamp":"2026-11-22T10:15:30.123Z"}"#
  static let seeds = [
    #"{"@timestamp":"2026-11-22T10:15:30.123Z","level":"info","n":-12.5e3,"ok":true,"none":null,"tags":["a",{"b":[]}]}"#,
    #"[0,-0,1,10.25,1E+2,1e-2,"",{},[],[[]],{"":""},false]"#, " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : \"x\" }\n ",
    #"{"text":"quote \" slash \/ backslash \\ tab \t é \u00e9 漢"}"#, "\"just text\"", "-1.5", "true", "null",
  ]

  @Test("the three forms of a body give the same documents")
  func forms() throws {
    let items = [#"{"@timestamp":1,"a":[1,2]}"#, #"{"b":"x"}"#, #""text""#]
    let expected = [items[0], #"{"b":"x",\#(Self.stamp)"#, #"{"message":"text",\#(Self.stamp)"#]
    let batch = try read(#"{"x":{"items":0},"items":[\#(items.joined(separator: " ,\n"))],"y":[]}"#, .items)
    let lines = try read(items.joined(separator: "\r\n") + "\n\n", .ndjson)
    for body in [batch, lines] {
      #expect(documents(body) == expected)
      #expect(body.stamped == 2 && body.wrapped == 1 && body.repairs == 0)
      #expect(body.documents.last?.upperBound == body.bytes.count)
    }
    let singles = try items.flatMap { documents(try read(" \($0)\n", .single)) }
    #expect(singles == expected)
  }

  @Test(
    "an empty batch is accepted and has no documents",
    arguments: [("{\"items\":[]}", ProduceFormat.items), ("", .ndjson), ("\n \r\n", .ndjson)])
  func empty(_ body: String, _ format: ProduceFormat) throws {
    let body = try read(body, format)
    #expect(body.documents.isEmpty && body.bytes.isEmpty)
  }

  @Test(
    "a body that is not JSON is refused whole, with the place and the byte",
    arguments: [
      ("", ProduceFormat.single, "the body", 0), ("{\"a\":1", .single, "the body", 6),
      ("{} {}", .single, "the body", 3),
      ("", .items, "the body", 0), ("{\"items\":[{},{\"a\":tru}]}", .items, "items[1]", 21),
      ("{\"items\":[{} {}]}", .items, "items[0]", 13), ("{\"items\":[{}]", .items, "the body", 13),
      ("{\"items\":[{}],\"x\":}", .items, "the body", 18), ("{\"items\":[]} 1", .items, "the body", 13),
      ("{\"a\":1}\n\n{\"b\":}\n{\"c\":1}", .ndjson, "line 3", 14), ("{\"a\":1}\n{} {}\n", .ndjson, "line 2", 11),
      ("{\"a\":\n1}", .ndjson, "line 1", 5),
    ])
  func malformed(_ body: String, _ format: ProduceFormat, _ place: String, _ offset: Int) throws {
    let rejection = try rejection(body, format)
    #expect(rejection.code == .malformed)
    #expect(rejection.place.description == place)
    #expect(rejection.offset == offset)
    #expect(rejection.detail.hasPrefix("\(place) is not valid JSON at byte \(offset) of the body: "))
  }

  @Test(
    "a batch without its items says so",
    arguments: [
      ("{}", "the member \"items\" is missing"), ("{\"Items\":[]}", "is missing"),
      ("[]", "the body is not an object (array)"),
      ("{\"items\":{}}", "\"items\" is not an array (object)"), ("{\"items\":null}", "(null)"),
      ("{\"items\":[1],\"items\":[2]}", "stands there twice"),
    ])
  func noItems(_ body: String, _ part: String) throws {
    let rejection = try rejection(body, .items)
    #expect(rejection.code == .noItems)
    #expect(rejection.detail.contains(part))
    #expect(rejection.detail.contains("{\"items\":[…]}"))
  }

  @Test("a document that is too large is refused with the limit, its size and its place")
  func tooLarge() throws {
    let line = #"{"@timestamp":"\#(String(repeating: "x", count: 83))"}"#
    #expect(line.utf8.count == 100)
    for (format, body, place, offset) in [
      (ProduceFormat.single, line, "the body", 0), (.items, "{\"items\":[{}, \(line)]}", "items[1]", 14),
      (.ndjson, "{}\n\(line)\n", "line 2", 3),
    ] {
      let fitting = try read(body, format, documentBytes: 100)
      #expect(documents(fitting).last == line)
      let rejection = try rejection(body, format, documentBytes: 99)
      #expect(rejection.code == .lineTooLarge)
      #expect(rejection.place.description == place)
      #expect(rejection.offset == offset)
      #expect(rejection.detail == "\(place) makes a document of 100 bytes; the limit is 99: shorten it or split it")
    }
  }

  @Test("the timestamp that is put in counts as part of the document")
  func sizeWithTimestamp() throws {
    let size = documents(try read("{\"a\":1}", .single))[0].utf8.count
    _ = try read("{\"a\":1}", .single, documentBytes: size)
    #expect(try rejection("{\"a\":1}", .single, documentBytes: size - 1).code == .lineTooLarge)
  }

  @Test("too many items are refused with the limit")
  func tooMany() throws {
    for (format, body) in [(ProduceFormat.items, "{\"items\":[{},{},{}]}"), (.ndjson, "{}\n{}\n{}")] {
      #expect(try read(body, format, items: 3).documents.count == 3)
      let rejection = try rejection(body, format, items: 2)
      #expect(rejection.code == .tooManyItems)
      #expect(rejection.detail.contains("the limit of 2 items"))
    }
  }

  @Test("nesting without end is refused, and costs nothing")
  func depth() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(try rejection(deep, .single).code == .malformed)
    #expect(try rejection("{\"items\":[\(deep)", .items).detail.contains("more than 100 arrays"))
    #expect(try rejection(deep, .ndjson, documentBytes: 200_000, depth: 10_000).offset == 10_000)
  }

  @Test("malformed UTF-8 is repaired and counted, not refused")
  func repairs() throws {
    let bytes = Array("{\"items\":[{\"a\":\"".utf8) + [0xFF, 0xFE] + Array("\"},\"".utf8) + [0xC3] + Array("\"]}".utf8)
    let body = try read(bytes, .items, .init(documentBytes: 1000, items: 10))
    #expect(
      documents(body)
        == ["{\"a\":\"\u{FFFD}\u{FFFD}\",\(Self.stamp)", "{\"message\":\"\u{FFFD}\",\(Self.stamp)"])
    #expect(body.repairs == 3)
  }

  @Test(
    "whatever comes in, documents are valid JSON objects on one line with a timestamp",
    arguments: 0..<8 as Range<UInt64>)
  func anything(_ seed: UInt64) throws {
    var random = Seeded(seed)
    var framed = 0
    for _ in 0..<150 {
      let items = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        Self.seeds.randomElement(using: &random)!
      }
      var bytes = Array("{\"items\":[\(items.joined(separator: ","))]}".utf8)
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard
        let body = try? read(bytes, .items, .init(documentBytes: 10_000, items: 100))
      else { continue }
      for range in body.documents {
        let document = Array(body.bytes[range])
        let element = try JSONScanner.validate(document.span)
        let timestamp = try JSONMembers.value(of: "@timestamp", inObjectAt: element.range, of: document.span)
        let isUTF8 = UTF8Repair.isValid(document.span)
        #expect(timestamp != nil && isUTF8 && !document.contains(0x0A) && !document.contains(0x0D))
        framed += 1
      }
    }
    #expect(framed > 50)
  }
}

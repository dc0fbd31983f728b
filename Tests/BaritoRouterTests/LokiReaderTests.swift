import BaritoCore
import TestKit
import Testing

@testable import BaritoRouter

/// A push in both encodings and its documents.
struct LokiCase: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var wire: String
  var json: String
  var documents: [String]

  var testDescription: String { name }

  func check() throws {
    let protobuf = try LokiReading(OracleFixture.bytes(hex: wire), .protobuf)
    #expect(protobuf.documents == documents, "\(name), protobuf")
    let json = try LokiReading(Array(json.utf8), .json)
    #expect(json.documents == documents, "\(name), JSON")
    for reading in [protobuf, json] {
      #expect(reading.leftOut.count == 0 && reading.batch.stamped == 0 && reading.batch.repairs == 0)
    }
    for document in documents { #expect((try? JSONScanner.validate(document.utf8Span.span)) != nil) }
  }
}

/// What a body becomes.
struct LokiReading {
  var batch: DocumentBatch
  var leftOut: LeftOut

  init(
    _ body: [UInt8], _ format: LokiProtocol.Format, documentBytes: Int = 100_000, items: Int = 10_000,
    bytes: Int = .max
  ) throws(IngestRejection) {
    var writer = DocumentBatchWriter(
      receivedAt: OTLPReading.receivedAt, limits: .init(documentBytes: documentBytes, items: items, bytes: bytes),
      capacity: 0)
    leftOut = try LokiProtocol().read(body.span, format, into: &writer)
    batch = writer.batch
  }

  /// JSON.
  init(_ body: String, documentBytes: Int = 100_000, items: Int = 10_000, bytes: Int = .max) throws(IngestRejection) {
    try self.init(Array(body.utf8), .json, documentBytes: documentBytes, items: items, bytes: bytes)
  }

  var documents: [String] { batch.documents.map { String(decoding: batch.bytes[$0], as: UTF8.self) } }
}

@Suite struct LokiReaderTests {
  static let cases = (try? OracleFixture.cases(LokiCase.self, in: "loki_cases.jsonl")) ?? []
  private static let start = #"{"@timestamp":"1970-01-01T00:00:00.001Z","message":"#

  @Test("the fixture is there")
  func fixture() { #expect(Self.cases.count > 25) }

  @Test("documents are what the official protobuf package has, in both encodings", arguments: cases)
  func golden(_ push: LokiCase) throws { try push.check() }

  @Test(
    "random pushes become what the official protobuf package has now",
    .enabled("the Python package protobuf is missing; set BARITO_TEST_PYTHON to a Python that has it") {
      await OracleFixture.canImport("google.protobuf")
    }, .timeLimit(.minutes(2)), arguments: 1...2 as ClosedRange<UInt64>)
  func live(_ seed: UInt64) async throws {
    let cases = try await OracleFixture.random(LokiCase.self, program: "loki_cases.py", seed: seed, count: 200)
    #expect(cases.count == 200)
    for push in cases { try push.check() }
  }

  @Test("JSON may have its members in any order, unknown ones, and values that are no text")
  func spellings() throws {
    let reading = try LokiReading(
      #"{"x":1,"streams":[{"values":[[1000000,"a\u0062",{"n":5,"none":null,"\u006f":"esc\/"},"?"],["1000000","c",null]],"y":[],"#
        + #""stream":{"b":true,"a\n":"1","gone":null}}, {"stream":null,"values":[["1000000","d"]]}, {"values":null}]}"#)
    #expect(
      reading.documents == [
        Self.start + #""a\u0062","b":"true","a\n":"1","n":"5","o":"esc\/"}"#,
        Self.start + #""c","b":"true","a\n":"1"}"#,
        Self.start + #""d"}"#,
      ])
  }

  @Test("an entry without a time gets the one of its receipt")
  func stamped() throws {
    var request = ProtobufWriter()
    request.message(1) { stream in stream.message(2) { $0.string(2, "x") } }
    let reading = try LokiReading(request.bytes, .protobuf)
    #expect(reading.documents == [#"{"@timestamp":"2026-11-22T10:15:30.123Z","message":"x"}"#])
    #expect(reading.batch.stamped == 1)
  }

  @Test(
    "what is no push is refused whole, with its place",
    arguments: [
      ("", "the body"), ("{}", "\"streams\" is missing"), (#"{"streams":{}}"#, "not an array"),
      (#"{"streams":[{"stream":{},"stream":{}}]}"#, "stands there twice"),
      (#"{"streams":[{"stream":{"a":[]}}]}"#, "\"a label\" is not text but array"),
      (#"{"streams":[{"stream":"{}"}]}"#, "expected '{'"), ("V{}", "record 1"), ("V[]", "an entry is"),
      ("V[1]", "an entry is"),
      ("V[\"2026-11-22T10:15:30Z\",\"x\"]", "a timestamp in nanoseconds"), ("V[1.5,\"x\"]", "nanoseconds"),
      ("V[1,2]", "\"a line\" is not a string"), ("V[1,\"x\",[]]", "record 1"), ("V[1,\"x\",{\"a\":{}}]", "is not text"),
      ("V[1,\"x\"", "expected ',' or ']'"), (#"{"streams":[]}]"#, "the end"),
    ])
  func malformed(_ body: String, _ part: String) throws {
    let text =
      body.hasPrefix("V")
      ? #"{"streams":[{"stream":{},"values":[["1","ok"],\#(body.dropFirst())]}]}"# : body
    let rejection = try #require(throws: IngestRejection.self) { _ = try LokiReading(text) }
    #expect([.malformed, .noItems].contains(rejection.code))
    #expect(rejection.detail.contains(part), "\(rejection.detail)")
  }

  @Test(
    "labels are read as Go writes them",
    arguments: [
      ("{}", #""#), ("{ }", ""), (" { a = \"b\" , c=`d\\` , } ", #","a":"b","c":"d\\""#),
      (#"{a="\x41\102\u00e9\U0001F600"}"#, #","a":"ABé😀""#),
      (#"{"utf8.name"="v"}"#, #","utf8.name":"v""#), (#"{a="\'\"\\"}"#, #","a":"'\"\\""#),
      (#"{a="1",a="2",a="3"}"#, #","a":"1","a_extracted":"2""#),
    ])
  func labels(_ text: String, _ expected: String) throws {
    #expect(try LokiReading(push(labels: text), .protobuf).documents == [Self.start + #""x""# + expected + "}"])
  }

  @Test(
    "labels that are none are refused whole",
    arguments: [
      "a", "{", "{a}", "{a=}", "{a=\"b}", "{a=\"b\"", "{a=\"b\"c=\"d\"}", "{=\"b\"}", "{a=\"b\"}}", #"{a="\q"}"#,
      #"{a="\x4"}"#,
      #"{a="\ud800"}"#, #"{a="\777"}"#, "{a=b}", "{,}", #"{a="\"#,
    ])
  func noLabels(_ text: String) throws {
    let rejection = try #require(throws: IngestRejection.self) { _ = try LokiReading(push(labels: text), .protobuf) }
    #expect(rejection.code == .malformed && rejection.detail.hasPrefix("a stream's labels are not"))
  }

  private func push(labels: String) -> [UInt8] {
    var request = ProtobufWriter()
    request.message(1) { stream in
      // Entries before their labels, which no encoder writes and protobuf allows.
      stream.message(2) { entry in
        entry.message(1) { $0.varint(2, 1_000_000) }
        entry.string(2, "x")
      }
      stream.string(1, labels)
    }
    return request.bytes
  }

  @Test(
    "times that no document can have are refused",
    arguments: [(Int64.max, 0), (-62_135_596_801, 0), (0, -1), (0, 1_000_000_000)] as [(Int64, Int64)])
  func times(_ seconds: Int64, _ nanoseconds: Int64) throws {
    #expect(LokiTime(seconds: seconds, nanoseconds: nanoseconds) == nil)
    var request = ProtobufWriter()
    request.message(1) { stream in
      stream.message(2) { entry in
        entry.message(1) { time in
          time.integer(1, seconds)
          time.integer(2, nanoseconds)
        }
      }
    }
    let rejection = try #require(throws: IngestRejection.self) { _ = try LokiReading(request.bytes, .protobuf) }
    #expect(rejection.code == .malformed && rejection.place == .record(0))
  }

  // MARK: Limits

  @Test("an entry that is too large is left out and said, the others are taken")
  func tooLarge() throws {
    for (large, meta) in [(String(repeating: "x", count: 150), ""), ("x", String(repeating: "y", count: 5000))] {
      let entries = ["small", large].map { #"["1000000","\#($0)"\#($0 == "small" ? "" : #",{"m":"\#(meta)"}"#)]"# }
      let body = #"{"streams":[{"stream":{"a":"b"},"values":[\#((entries + entries).joined(separator: ","))]}]}"#
      let reading = try LokiReading(body, documentBytes: 150)
      #expect(reading.documents == Array(repeating: Self.start + #""small","a":"b"}"#, count: 2))
      #expect(reading.leftOut.count == 2 && reading.leftOut.message.contains("record 1 makes a document of"))
      #expect(reading.batch.bytes.count == reading.batch.documents.last?.upperBound)
    }
    let labels = #"{"streams":[{"stream":{"a":"\#(String(repeating: "x", count: 200))","b":"c"},"values":[["1","x"]]},"#
    let reading = try LokiReading(labels + #"{"values":[["1000000","small"]]}]}"#, documentBytes: 150)
    #expect(reading.documents == [Self.start + #""small"}"#] && reading.leftOut.count == 1)
  }

  @Test("entries that are left out count too, so that reading a push has an end")
  func leftOutCount() throws {
    let entries = Array(repeating: #"["1","\#(String(repeating: "x", count: 200))"]"#, count: 5).joined(separator: ",")
    let body = #"{"streams":[{"stream":{},"values":[\#(entries)]}]}"#
    #expect(try LokiReading(body, documentBytes: 150, items: 5).leftOut.count == 5)
    let rejection = try #require(throws: IngestRejection.self) {
      _ = try LokiReading(body, documentBytes: 150, items: 4)
    }
    #expect(rejection.code == .tooManyItems && rejection.place == .record(4))
  }

  @Test("more entries, or more bytes of documents, than a request may have refuse it whole")
  func tooMany() throws {
    let entries = Array(repeating: #"["1","x"]"#, count: 5).joined(separator: ",")
    let body = #"{"streams":[{"stream":{"a":"b"},"values":[\#(entries)]}]}"#
    let all = try LokiReading(body, items: 5)
    for (items, bytes) in [(4, Int.max), (5, all.batch.bytes.count - 1)] {
      let rejection = try #require(throws: IngestRejection.self) {
        _ = try LokiReading(body, items: items, bytes: bytes)
      }
      #expect(rejection.code == .tooManyItems && rejection.place == .record(4))
    }
  }

  @Test("text that is not UTF-8 is repaired and counted")
  func repairs() throws {
    let json =
      Array(#"{"streams":[{"stream":{"a":""#.utf8) + [0xFF] + Array(#""},"values":[["1000000",""#.utf8) + [0xC3]
      + Array(#"",{""#.utf8) + [0xFE] + Array(#"":"x"}],["1000000","y"]]}]}"#.utf8)
    let reading = try LokiReading(json, .json)
    #expect(
      reading.documents == [
        Self.start + "\"\u{FFFD}\",\"a\":\"\u{FFFD}\",\"\u{FFFD}\":\"x\"}", Self.start + "\"y\",\"a\":\"\u{FFFD}\"}",
      ])
    #expect(reading.batch.repairs == 4)
  }

  // MARK: Anything

  @Test("damaged pushes become documents that are JSON, or are refused", arguments: 0..<8 as Range<UInt64>)
  func damaged(_ seed: UInt64) throws {
    var random = Seeded(seed)
    let seeds = Self.cases.filter { $0.wire.utf8.count < 1000 }
    var taken = 0
    var refused = 0
    for turn in 0..<600 {
      let isJSON = turn % 2 == 0
      let one = seeds.randomElement(using: &random)!
      var bytes = isJSON ? Array(one.json.utf8) : OracleFixture.bytes(hex: one.wire)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0...140, using: &random), at: place)
        }
      }
      do throws(IngestRejection) {
        let reading = try LokiReading(bytes, isJSON ? .json : .protobuf, documentBytes: turn % 3 == 0 ? 90 : 10_000)
        taken += 1
        for document in reading.batch.documents {
          let text = reading.batch.bytes.span.extracting(document)
          #expect((try? JSONScanner.validate(text)) != nil, "\(reading.documents)")
          let isUTF8 = UTF8Repair.isValid(text)
          #expect(isUTF8)
        }
      } catch {
        refused += 1
        #expect(error.offset <= bytes.count)
      }
    }
    #expect(taken > 20 && refused > 20)
  }
}

import BaritoCore
import TestKit
import Testing

@testable import BaritoRouter

/// A request of OTLP in both encodings and its documents, made with the official package.
struct OTLPCase: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var wire: String
  var json: String
  var documents: [String]

  var testDescription: String { name }

  func check() throws {
    let protobuf = try OTLPReading(OracleFixture.bytes(hex: wire), .protobuf)
    #expect(protobuf.documents == documents, "\(name), protobuf")
    let json = try OTLPReading(Array(json.utf8), .json)
    #expect(json.documents == documents, "\(name), JSON")
    for reading in [protobuf, json] {
      #expect(reading.leftOut.count == 0)
      let stamped = documents.count { $0.contains(#""@timestamp":"2026-11-22T10:15:30.123Z""#) }
      #expect(reading.batch.stamped == stamped && reading.batch.repairs == 0)
    }
    for document in documents {
      #expect((try? JSONScanner.validate(document.utf8Span.span)) != nil)
    }
  }
}

/// What a body becomes.
struct OTLPReading {
  static let receivedAt = Timestamp("2026-11-22T10:15:30.123Z")!

  var batch: DocumentBatch
  var leftOut: LeftOut

  init(
    _ body: [UInt8], _ encoding: OTLPEncoding, documentBytes: Int = 100_000, items: Int = 10_000, bytes: Int = .max,
    depth: Int = 1000
  ) throws(IngestRejection) {
    var writer = DocumentBatchWriter(
      receivedAt: Self.receivedAt,
      limits: .init(documentBytes: documentBytes, items: items, depth: depth, bytes: bytes), capacity: 0)
    leftOut = try OTLPProtocol().read(body.span, encoding, into: &writer)
    batch = writer.batch
  }

  /// JSON.
  init(_ body: String, documentBytes: Int = 100_000, items: Int = 10_000, bytes: Int = .max) throws(IngestRejection) {
    try self.init(Array(body.utf8), .json, documentBytes: documentBytes, items: items, bytes: bytes)
  }

  var documents: [String] { batch.documents.map { String(decoding: batch.bytes[$0], as: UTF8.self) } }
}

@Suite struct OTLPReaderTests {
  static let cases = (try? OracleFixture.cases(OTLPCase.self, in: "otlp_cases.jsonl")) ?? []

  @Test("the fixture is there")
  func fixture() { #expect(Self.cases.count > 80) }

  @Test("documents are what the official package has, in both encodings", arguments: cases)
  func golden(_ request: OTLPCase) throws { try request.check() }

  @Test(
    "random requests become what the official package has now",
    .enabled("the Python package opentelemetry-proto is missing; set BARITO_TEST_PYTHON to a Python that has it") {
      await OracleFixture.canImport("opentelemetry.proto.collector.logs.v1.logs_service_pb2")
    }, .timeLimit(.minutes(2)), arguments: 1...2 as ClosedRange<UInt64>)
  func live(_ seed: UInt64) async throws {
    let cases = try await OracleFixture.random(OTLPCase.self, program: "otlp_cases.py", seed: seed, count: 150)
    #expect(cases.count == 150)
    for request in cases { try request.check() }
  }

  // MARK: JSON as others write it

  private func records(_ records: String) -> String {
    #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#
  }

  private static let end = #""@timestamp":"2026-11-22T10:15:30.123Z"}"#

  @Test("members stand in any order, and what is shared behind those that share it")
  func order() throws {
    let reading = try OTLPReading(
      """
      {"x":[{}],"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"attributes":[{"value":{"intValue":5},"key":"a"},{"key":"none"},{}],"body":{"stringValue":"one"}},null2],
        "scope":{"version":"1","attributes":null,"name":"s","y":1}}],"schemaUrl":"u",
        "resource":{"droppedAttributesCount":"2","attributes":[{"key":"r","value":{"stringValue":"v"}}]}}]}
      """.split(separator: ",null2").joined())
    #expect(
      reading.documents == [
        #"{"attributes":{"a":5,"none":null,"":null},"message":"one","@timestamp":"2026-11-22T10:15:30.123Z","#
          + #""resource":{"attributes":{"r":"v"},"dropped_attributes_count":2},"scope":{"name":"s","version":"1"}}"#
      ])
  }

  @Test("null is the same as nothing, everywhere")
  func nulls() throws {
    let members = OTLPRecordKey.allCases.map { "\"\($0.rawValue)\":null" }.joined(separator: ",")
    #expect(try OTLPReading(records("{\(members)}")).documents == ["{" + Self.end])
    for empty in [
      "{}", #"{"resourceLogs":null}"#, #"{"resourceLogs":[]}"#, #"{"resourceLogs":[{}]}"#,
      #"{"resourceLogs":[{"resource":null,"scopeLogs":null},{"scopeLogs":[{"scope":null,"logRecords":null}]}]}"#,
    ] {
      #expect(try OTLPReading(empty).documents.isEmpty)
    }
    let values = #"{"body":{"kvlistValue":{}}},{"body":{"arrayValue":{"values":null}}},{"body":{"stringValue":null}}"#
    #expect(
      try OTLPReading(records(values)).documents == [
        #"{"body":{},"# + Self.end, #"{"message":"[]","# + Self.end, "{" + Self.end,
      ])
  }

  @Test("numbers may be strings and strings may have escapes")
  func spellings() throws {
    let reading = try OTLPReading(
      records(
        #"{"timeUnixNano":1795342530000000000,"severityNumber":"13","flags":"1","b\u006fdy":{"stringValue":"a\u0062\/"},"#
          + #""attributes":[{"key":"\u006b","value":{"doubleValue":"1.5"}},{"key":"k","value":{"intValue":1}},"#
          + #"{"key":"n","value":{"doubleValue":"-Infinity"}},{"key":"i","value":{"doubleValue":2}}],"#
          + #""traceId":"ABCDEF","spanId":"not hex"}"#))
    #expect(
      reading.documents == [
        #"{"message":"a\u0062\/","attributes":{"k":1.5,"n":null,"i":2.0},"@timestamp":"2026-11-22T10:15:30.000Z","#
          + #""level":"warning","severity_number":13,"trace_id":"abcdef","span_id":"not hex","flags":1}"#
      ])
  }

  @Test(
    "what is not OTLP is refused whole, with its place",
    arguments: [
      ("", "the body"), ("[]", "the body"), (#"{"resourceLogs":{}}"#, "\"resourceLogs\" is not an array but object"),
      (#"{"resourceLogs":[1]}"#, "the body"), (#"{"resourceLogs":[]} {}"#, "the end"),
      (#"{"resourceLogs":[{"resource":{},"resource":{}}]}"#, "\"resource\" stands there twice"),
      ("R{\"body\":\"text\"}", "record 1"), ("R{\"timeUnixNano\":\"1e9\"}", "\"timeUnixNano\" is not an integer"),
      ("R{\"timeUnixNano\":-1}", "without a sign"), ("R{\"timeUnixNano\":\"18446744073709551616\"}", "64 bits"),
      ("R{\"timeUnixNano\":true}", "not an integer but boolean"), ("R{\"flags\":4294967296}", "32 bits"),
      ("R{\"severityText\":1}", "not a string but number"), ("R{\"body\":{},\"body\":{}}", "stands there twice"),
      ("R{\"body\":{\"intValue\":\"\"}}", "\"intValue\""),
      ("R{\"body\":{\"intValue\":9223372036854775808}}", "64 bits"),
      ("R{\"body\":{\"boolValue\":\"true\"}}", "true or false"), ("R{\"body\":{\"doubleValue\":\"x\"}}", "a number"),
      ("R{\"body\":{\"stringValue\":\"a\",\"intValue\":1}}", "a value has \"intValue\" and another"),
      ("R{\"attributes\":{}}", "\"attributes\" is not an array"), ("R{\"attributes\":[{\"key\":1}]}", "\"key\""),
      ("R{\"attributes\":[{\"key\":\"a\",\"key\":\"b\"}]}", "\"key\" stands there twice"),
      ("R{\"body\":{]}", "the body is not valid JSON at byte"),
    ])
  func malformed(_ body: String, _ part: String) throws {
    let text = body.hasPrefix("R") ? records("{}," + body.dropFirst()) : body
    let rejection = try #require(throws: IngestRejection.self) { _ = try OTLPReading(text) }
    #expect(rejection.code == .malformed)
    #expect(rejection.detail.contains(part), "\(rejection.detail)")
  }

  // MARK: Limits

  private func protobuf(_ records: [[UInt8]], resource: [UInt8] = []) -> [UInt8] {
    var request = ProtobufWriter()
    request.message(1) { logs in
      logs.bytes(1, resource.span)
      logs.message(2) { scope in for record in records { scope.bytes(2, record.span) } }
    }
    return request.bytes
  }

  private func record(body: [UInt8]) -> [UInt8] {
    var record = ProtobufWriter()
    record.message(5) { $0.bytes(1, body.span) }
    return record.bytes
  }

  private func attribute(_ key: String, _ text: [UInt8]) -> [UInt8] {
    var attributes = ProtobufWriter()
    attributes.message(1) { attribute in
      attribute.string(1, key)
      attribute.message(2) { $0.bytes(1, text.span) }
    }
    return attributes.bytes
  }

  @Test("a record that is too large is left out and said, the others are taken")
  func tooLarge() throws {
    let small = Array("small".utf8)
    for size in [200, 5000] {
      let large = [UInt8](repeating: 0x61, count: size)
      let body = protobuf([small, large, small, large].map { record(body: $0) })
      let text = String(decoding: large, as: UTF8.self)
      let json = records(
        ["small", text, "small", text].map { #"{"body":{"stringValue":"\#($0)"}}"# }.joined(separator: ","))
      for reading in [
        try OTLPReading(body, .protobuf, documentBytes: 200), try OTLPReading(json, documentBytes: 200),
      ] {
        #expect(reading.documents == Array(repeating: #"{"message":"small","# + Self.end, count: 2))
        #expect(reading.leftOut.count == 2)
        #expect(reading.leftOut.message.hasPrefix("2 log records were not taken, the first because record 1 makes"))
        #expect(reading.leftOut.message.contains("200"))
        #expect(reading.batch.bytes.count == reading.batch.documents.last?.upperBound)
      }
    }
  }

  @Test("a resource that is too large leaves out the records that have it, and no others")
  func largeResource() throws {
    let resource = attribute("r", [UInt8](repeating: 0, count: 100))
    let body = protobuf([record(body: [0x61])], resource: resource) + protobuf([record(body: [0x62])])
    let reading = try OTLPReading(body, .protobuf, documentBytes: 300)
    #expect(reading.documents == [#"{"message":"b","# + Self.end])
    #expect(reading.leftOut.count == 1)
  }

  @Test("values that are too deep are left out, and cost no stack")
  func tooDeep() throws {
    var deep: [UInt8] = []
    for _ in 0..<2000 {
      var outer = ProtobufWriter()
      outer.message(5) { $0.bytes(1, deep.span) }
      deep = outer.bytes
    }
    var inner = ProtobufWriter()
    inner.bytes(5, deep.span)
    let body = protobuf([inner.bytes, record(body: [0x61])])
    let levels = 150
    let text =
      String(repeating: #"{"arrayValue":{"values":["#, count: levels) + String(repeating: "]}}", count: levels)
    let json = records(#"{"body":\#(text)},{"body":{"stringValue":"a"}}"#)
    for reading in [try OTLPReading(body, .protobuf), try OTLPReading(json)] {
      #expect(reading.documents == [#"{"message":"a","# + Self.end])
      #expect(reading.leftOut.message.contains("record 0 has more than 32 objects and arrays"))
    }
    let bottomless = String(repeating: #"{"arrayValue":{"values":["#, count: 50_000)
    #expect(throws: IngestRejection.self) { _ = try OTLPReading(records(#"{"body":\#(bottomless)"#)) }
  }

  @Test("more records, or more bytes of documents, than a request may have refuse it whole")
  func tooMany() throws {
    let body = protobuf((0..<5).map { _ in record(body: [0x61]) }, resource: attribute("r", Array("resource".utf8)))
    let all = try OTLPReading(body, .protobuf, items: 5)
    #expect(all.documents.count == 5)
    for (items, bytes) in [(4, Int.max), (5, all.batch.bytes.count - 1)] {
      let rejection = try #require(throws: IngestRejection.self) {
        _ = try OTLPReading(body, .protobuf, items: items, bytes: bytes)
      }
      #expect(rejection.code == .tooManyItems && rejection.place == .record(4))
    }
    _ = try OTLPReading(body, .protobuf, items: 5, bytes: all.batch.bytes.count)
  }

  @Test("records that are left out count too, so that reading a request has an end")
  func leftOutCount() throws {
    let records = [[UInt8]](repeating: record(body: [UInt8](repeating: 0x61, count: 300)), count: 5)
    #expect(try OTLPReading(protobuf(records), .protobuf, documentBytes: 200, items: 5).leftOut.count == 5)
    let rejection = try #require(throws: IngestRejection.self) {
      _ = try OTLPReading(protobuf(records), .protobuf, documentBytes: 200, items: 4)
    }
    #expect(rejection.code == .tooManyItems && rejection.place == .record(4))
  }

  @Test("text that is not UTF-8 is repaired and counted in every document that has it")
  func repairs() throws {
    let body = protobuf(
      [record(body: [0xFF]), record(body: [0x61])], resource: attribute("r", [0xC3, 0x28, 0xFE]))
    let reading = try OTLPReading(body, .protobuf)
    #expect(
      reading.documents
        == ["\u{FFFD}", "a"].map {
          #"{"message":"\#($0)","@timestamp":"2026-11-22T10:15:30.123Z","#
            + "\"resource\":{\"attributes\":{\"r\":\"\u{FFFD}(\u{FFFD}\"}}}"
        })
    #expect(reading.batch.repairs == 5)
    let json =
      Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":""#.utf8)
      + [0xFF, 0xC3, 0xA9] + Array(#""}}]}]}]}"#.utf8)
    let repaired = try OTLPReading(json, .json)
    #expect(repaired.documents == ["{\"message\":\"\u{FFFD}é\"," + Self.end] && repaired.batch.repairs == 1)
  }

  // MARK: Anything

  @Test("damaged requests become documents that are JSON, or are refused", arguments: 0..<8 as Range<UInt64>)
  func damaged(_ seed: UInt64) throws {
    var random = Seeded(seed)
    let seeds = Self.cases.filter { $0.wire.utf8.count < 1000 }
    var taken = 0
    var refused = 0
    for turn in 0..<600 {
      let encoding: OTLPEncoding = turn % 2 == 0 ? .protobuf : .json
      let one = seeds.randomElement(using: &random)!
      var bytes = encoding == .json ? Array(one.json.utf8) : OracleFixture.bytes(hex: one.wire)
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
        let reading = try OTLPReading(bytes, encoding, documentBytes: turn % 3 == 0 ? 150 : 10_000)
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

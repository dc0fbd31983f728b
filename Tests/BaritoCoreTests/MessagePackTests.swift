import BaritoCore
import TestKit
import Testing

/// MessagePack values and their JSON as the official msgpack package reads them.
struct MessagePackCase: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var wire: String
  var json: String
  var repairs: Int

  var testDescription: String { name }

  func check() throws {
    let bytes = OracleFixture.bytes(hex: wire)
    var reader = MessagePackReader(bytes.span)
    var output: [UInt8] = []
    #expect(try MessagePackJSON.append(&reader, in: bytes.span, to: &output) == repairs, "\(name)")
    #expect(reader.isAtEnd, "\(name)")
    let text = String(decoding: output, as: UTF8.self)
    // Python and Swift write the digits of a few floats in another form; JSON text is equal, or the numbers are.
    if text != json { #expect(JSONTree(output) == JSONTree(json.utf8), "\(name): \(text)") }
    #expect((try? JSONScanner.validate(output.span)) != nil, "\(name): \(text)")

    var framing = MessagePackFraming()
    #expect(try framing.length(in: bytes.span) == bytes.count, "\(name)")
    if bytes.count < 300 {
      framing = MessagePackFraming()
      for count in 0..<bytes.count {
        let part = Array(bytes[..<count])
        #expect(try framing.length(in: part.span) == nil, "\(name), cut to \(count)")
        var reader = MessagePackReader(part.span)
        let error = #expect(throws: MessagePackError.self) { try reader.skip(in: part.span) }
        #expect(error?.needsMoreBytes == true && reader.position == 0, "\(name), cut to \(count)")
      }
      #expect(try framing.length(in: bytes.span) == bytes.count, "\(name), byte by byte")
    }
  }
}

@Suite struct MessagePackTests {
  static let cases = (try? OracleFixture.cases(MessagePackCase.self, in: "messagepack_cases.jsonl")) ?? []

  @Test("the fixture is there")
  func fixture() { #expect(Self.cases.count > 100) }

  @Test("values are what the official msgpack package reads, whole and byte by byte", arguments: cases)
  func golden(_ value: MessagePackCase) throws { try value.check() }

  @Test(
    "random values become what the official msgpack package reads now",
    .enabled("the Python package msgpack is missing; set BARITO_TEST_PYTHON to a Python that has it") {
      await OracleFixture.canImport("msgpack")
    }, .timeLimit(.minutes(1)), arguments: 1...2 as ClosedRange<UInt64>)
  func live(_ seed: UInt64) async throws {
    let cases = try await OracleFixture.random(
      MessagePackCase.self, program: "messagepack_cases.py", seed: seed, count: 150)
    #expect(cases.count == 150)
    for value in cases { try value.check() }
  }

  // MARK: Limits

  private func code(_ bytes: [UInt8], _ limits: MessagePackLimits = MessagePackLimits()) -> MessagePackError.Code? {
    var reader = MessagePackReader(bytes.span, limits: limits)
    do throws(MessagePackError) {
      _ = try reader.skip(in: bytes.span)
      return nil
    } catch {
      #expect(reader.position == 0)
      return error.code
    }
  }

  @Test(
    "what a header claims is refused before it is waited for",
    arguments: [
      ([0xDF, 0xFF, 0xFF, 0xFF, 0xFF], .tooMany), ([0xDD, 0xFF, 0xFF, 0xFF, 0xFF], .tooMany),
      ([0xC6, 0xFF, 0xFF, 0xFF, 0xFF], .tooLong), ([0xDB, 0xFF, 0xFF, 0xFF, 0xFF], .tooLong),
      ([0xC9, 0xFF, 0xFF, 0xFF, 0xFF, 0x00], .tooLong), ([0xC1], .badType), ([0x91, 0xC1], .badType), ([], .incomplete),
    ] as [([UInt8], MessagePackError.Code)])
  func claims(bytes: [UInt8], expected: MessagePackError.Code) {
    #expect(code(bytes) == expected)
    var output: [UInt8] = [1]
    var reader = MessagePackReader(bytes.span)
    let error = #expect(throws: MessagePackError.self) {
      try MessagePackJSON.append(&reader, in: bytes.span, to: &output)
    }
    #expect(error?.code == expected)
    #expect(output == [1])
  }

  @Test("elements are counted over all arrays of a value")
  func elements() {
    let limits = MessagePackLimits(elements: 5)
    #expect(code([0x92, 0x91, 0x01, 0x92, 0x01, 0x02], limits) == nil)
    #expect(code([0x92, 0x91, 0x01, 0x93, 0x01, 0x02, 0x03], limits) == .tooMany)
  }

  @Test("a hundred levels are read, one more is refused")
  func depth() throws {
    let deepest = [UInt8](repeating: 0x91, count: 100) + [0xC0]
    let tooDeep = [0x91] + deepest
    #expect(code(deepest) == nil)
    #expect(code(tooDeep) == .tooDeep)
    var output: [UInt8] = []
    var reader = MessagePackReader(deepest.span)
    _ = try MessagePackJSON.append(&reader, in: deepest.span, to: &output)
    #expect(output.count == 204)
    reader = MessagePackReader(tooDeep.span)
    let error = #expect(throws: MessagePackError.self) {
      try MessagePackJSON.append(&reader, in: tooDeep.span, to: &output)
    }
    #expect(error?.code == .tooDeep)
    #expect(output.count == 204)
    #expect(reader.position == 0)
  }

  @Test("random bytes become JSON, are refused, or want more", arguments: 0..<8 as Range<UInt64>)
  func random(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var counts: [String: Int] = [:]
    for _ in 0..<1000 {
      let bytes = (0..<Int.random(in: 0...30, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      var reader = MessagePackReader(bytes.span)
      var output: [UInt8] = []
      do throws(MessagePackError) {
        _ = try MessagePackJSON.append(&reader, in: bytes.span, to: &output)
        #expect((try? JSONScanner.validate(output.span)) != nil)
        var other = MessagePackReader(bytes.span)
        #expect((try? other.skip(in: bytes.span))?.upperBound == reader.position)
        counts["read", default: 0] += 1
      } catch {
        #expect(output.isEmpty)
        #expect(reader.position == 0)
        #expect(error.offset <= bytes.count)
        counts[error.needsMoreBytes ? "more" : "refused", default: 0] += 1
      }
    }
    #expect(counts.values.allSatisfy { $0 > 10 } && counts.count == 3, "\(counts)")
  }

  // MARK: Types

  @Test("a reader that finds another type stays where it was")
  func types() throws {
    let bytes: [UInt8] = [0x93, 0xA1, 0x61, 0xC4, 0x01, 0x62, 0x2A]
    var reader = MessagePackReader(bytes.span)
    let error = #expect(throws: MessagePackError.self) { try reader.map(in: bytes.span) }
    #expect(error?.description == "invalid MessagePack at byte 0: expected a map")
    #expect(try reader.array(in: bytes.span) == 3)
    #expect(throws: MessagePackError.self) { try reader.integer(in: bytes.span) }
    #expect(try reader.text(in: bytes.span) == 2..<3)
    #expect(try reader.text(in: bytes.span) == 5..<6)
    #expect(throws: MessagePackError.self) { try reader.text(in: bytes.span) }
    #expect(try reader.integer(in: bytes.span) == 42)
    let after = #expect(throws: MessagePackError.self) { try reader.array(in: bytes.span) }
    #expect(after?.needsMoreBytes == true)
  }

  @Test("times are fluentd's EventTime, seconds, or seconds with a fraction")
  func times() throws {
    let bytes: [UInt8] = [
      0xD7, 0x00, 0, 0, 0, 1, 0, 0, 0, 2, 0xCE, 0x55, 0xEC, 0xD2, 0x78, 0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0xCB, 0xBF,
      0xE0, 0, 0, 0, 0, 0, 0, 0xCB, 0x7F, 0xF0, 0, 0, 0, 0, 0, 0,
    ]
    var reader = MessagePackReader(bytes.span)
    #expect(try reader.time(in: bytes.span) == MessagePackTime(seconds: 1, nanoseconds: 2))
    #expect(try reader.time(in: bytes.span) == MessagePackTime(seconds: 1_441_583_736, nanoseconds: 0))
    #expect(try reader.time(in: bytes.span) == MessagePackTime(seconds: 1, nanoseconds: 500_000_000))
    #expect(try reader.time(in: bytes.span) == MessagePackTime(seconds: -1, nanoseconds: 500_000_000))
    #expect(throws: MessagePackError.self) { try reader.time(in: bytes.span) }
    #expect(MessagePackTime(seconds: 1, nanoseconds: 999_999_999).timestamp == Timestamp(milliseconds: 1999))
    #expect(MessagePackTime(seconds: .max, nanoseconds: 0).timestamp == nil)
  }

  @Test("members of a map are written without braces, and tell of @timestamp")
  func members() throws {
    var writer = MessagePackWriter()
    writer.map(2)
    writer.string("a")
    writer.map(1)
    writer.string("@timestamp")
    writer.integer(1)
    writer.string("b")
    writer.null()
    let bytes = writer.bytes
    var reader = MessagePackReader(bytes.span)
    var output: [UInt8] = []
    var members = try MessagePackJSON.appendMembers(&reader, in: bytes.span, to: &output)
    #expect(String(decoding: output, as: UTF8.self) == #""a":{"@timestamp":1},"b":null"#)
    #expect(!members.isEmpty && !members.hasTimestamp)
    reader = MessagePackReader(3..<bytes.count - 3)
    members = try MessagePackJSON.appendMembers(&reader, in: bytes.span, to: &output)
    #expect(members.hasTimestamp)
    let list: [UInt8] = [0x90]
    reader = MessagePackReader(list.span)
    #expect(throws: MessagePackError.self) { try MessagePackJSON.appendMembers(&reader, in: list.span, to: &output) }
  }

  @Test("the writer takes the shortest form, as the official package does")
  func writer() throws {
    var written = 0
    for value in Self.cases where value.name.hasPrefix("integer ") && !value.name.contains("bytes") {
      guard let number = Int64(value.json) else { continue }
      var writer = MessagePackWriter()
      writer.integer(number)
      #expect(writer.bytes == OracleFixture.bytes(hex: value.wire), "\(value.name)")
      written += 1
    }
    #expect(written > 30)
    for count in [0, 15, 16, 31, 32, 255, 256, 65535, 65536] {
      let text = String(repeating: "x", count: count)
      var writer = MessagePackWriter()
      writer.array(count)
      writer.map(count)
      writer.string(text)
      writer.binary(Array(text.utf8).span)
      writer.bool(true)
      let bytes = writer.bytes
      var reader = MessagePackReader(bytes.span)
      #expect(try reader.array(in: bytes.span) == count)
      #expect(try reader.map(in: bytes.span) == count)
      #expect(try reader.text(in: bytes.span).count == count)
      #expect(try reader.text(in: bytes.span).count == count)
      #expect(try reader.next(in: bytes.span) == .bool(true))
      #expect(reader.isAtEnd)
    }
    for value in Self.cases where value.name.hasPrefix("str of ") || value.name.hasPrefix("bin of ") {
      var writer = MessagePackWriter()
      let text = value.json.dropFirst().dropLast()
      if value.name.hasPrefix("str") { writer.string(String(text)) } else { writer.binary(Array(text.utf8).span) }
      #expect(writer.bytes == OracleFixture.bytes(hex: value.wire), "\(value.name)")
    }
  }
}

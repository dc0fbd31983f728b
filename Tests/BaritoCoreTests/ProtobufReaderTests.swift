import BaritoCore
import Testing

@Suite struct ProtobufReaderTests {
  /// The field numbers of a message, each value skipped.
  private func skipAll(_ bytes: [UInt8]) throws(ProtobufError) -> [Int] {
    var numbers: [Int] = []
    var reader = ProtobufReader(bytes.span)
    while let field = try reader.nextField(in: bytes.span) {
      numbers.append(field.number)
      try reader.skip(field, in: bytes.span)
    }
    return numbers
  }

  private func code(_ bytes: [UInt8]) -> ProtobufError.Code? {
    do throws(ProtobufError) {
      _ = try skipAll(bytes)
      return nil
    } catch { return error.code }
  }

  @Test("each wire type is read as the specification writes it")
  func wireTypes() throws {
    // Examples of the encoding guide, and one of each fixed width.
    let bytes: [UInt8] = [
      0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67, 0x1D, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6,
      7, 8,
    ]
    let span = bytes.span
    var reader = ProtobufReader(span)
    var field = try reader.nextField(in: span)
    #expect(field == ProtobufField(1, .varint))
    #expect(try reader.varint(in: bytes.span) == 150)
    field = try reader.nextField(in: span)
    #expect(field == ProtobufField(2, .lengthDelimited))
    let range = try reader.lengthDelimited(in: span)
    #expect(String(decoding: bytes[range], as: UTF8.self) == "testing")
    field = try reader.nextField(in: span)
    #expect(field == ProtobufField(3, .fixed32))
    #expect(try reader.fixed32(in: bytes.span) == 0x0403_0201)
    field = try reader.nextField(in: span)
    #expect(field == ProtobufField(4, .fixed64))
    #expect(try reader.fixed64(in: bytes.span) == 0x0807_0605_0403_0201)
    field = try reader.nextField(in: span)
    #expect(field == nil)
    #expect(reader.isAtEnd)
  }

  @Test(
    "varints of one to ten bytes hold 64 bits",
    arguments: [0, 1, 127, 128, 16383, 16384, 1 << 32, 1 << 62, 1 << 63, .max] as [UInt64])
  func varints(_ value: UInt64) throws {
    var writer = ProtobufWriter()
    writer.varint(1, value)
    let bytes = writer.bytes
    var reader = ProtobufReader(bytes.span)
    _ = try reader.nextField(in: bytes.span)
    #expect(try reader.varint(in: bytes.span) == value)
    #expect(reader.isAtEnd)
  }

  @Test(
    "zigzag alternates between signs",
    arguments: [(0, 0), (1, -1), (2, 1), (3, -2), (.max - 1, .max), (.max, .min)]
      as [(UInt64, Int64)])
  func zigzag(encoded: UInt64, value: Int64) { #expect(ProtobufReader.zigzag(encoded) == value) }

  @Test("unknown fields are skipped, groups with everything in them")
  func skipping() throws {
    let group: [UInt8] = [0x0B, 0x08, 0x01, 0x13, 0x1A, 0x01, 0xFF, 0x14, 0x25, 0, 0, 0, 0, 0x0C]
    #expect(try skipAll(group + [0x28, 0x05]) == [1, 5])
  }

  @Test(
    "what is not a message is refused with the reason",
    arguments: [
      ([0x08], .truncated), ([0x08, 0x80], .truncated), ([0x0D, 1, 2, 3], .truncated),
      ([0x09, 1, 2, 3, 4, 5, 6, 7], .truncated), ([0x12, 0x02, 0x61], .truncated), ([0x12], .truncated),
      ([0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], .truncated), ([0x80], .truncated),
      ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0x01], .varintTooLong),
      ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02], .varintTooLong),
      ([0x88, 0x80, 0x80, 0x80, 0x80, 0x00], .varintTooLong),
      ([0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .varintTooLong),
      ([0x00, 0x01], .badFieldNumber), ([0x02, 0x00], .badFieldNumber),
      ([0xF8, 0xFF, 0xFF, 0xFF, 0x1F], .badFieldNumber),
      ([0x0E], .badWireType), ([0x0F], .badWireType), ([0x0C], .unbalancedGroup), ([0x0B, 0x14], .unbalancedGroup),
      ([0x0B, 0x08, 0x01], .unbalancedGroup), ([UInt8](repeating: 0x0B, count: 101), .tooDeep),
    ] as [([UInt8], ProtobufError.Code)])
  func refused(bytes: [UInt8], expected: ProtobufError.Code) { #expect(code(bytes) == expected) }

  @Test("a hundred groups inside each other are skipped")
  func deepGroups() throws {
    let bytes = [UInt8](repeating: 0x0B, count: 100) + [UInt8](repeating: 0x0C, count: 100)
    #expect(try skipAll(bytes) == [1])
  }

  @Test("an error tells where and why")
  func position() {
    let error = #expect(throws: ProtobufError.self) { try skipAll([0x08, 0x01, 0x12, 0x05, 0x61]) }
    #expect(error?.description == "invalid protobuf at byte 3: a length of 5, and 1 bytes are left")
  }

  @Test("a length never reaches out of the message that holds it")
  func nested() throws {
    // The inner message claims three bytes and has one; the outer one has more.
    let bytes: [UInt8] = [0x0A, 0x03, 0x12, 0x03, 0x61, 0x62, 0x63, 0x64]
    var outer = ProtobufReader(bytes.span)
    _ = try outer.nextField(in: bytes.span)
    var inner = ProtobufReader(try outer.lengthDelimited(in: bytes.span))
    _ = try inner.nextField(in: bytes.span)
    #expect(throws: ProtobufError.self) { try inner.lengthDelimited(in: bytes.span) }
  }

  @Test("repeated scalars are read packed, unpacked and mixed")
  func packed() throws {
    let bytes: [UInt8] = [0x0A, 0x03, 0x01, 0xAC, 0x02, 0x08, 0x07, 0x12, 0x08, 1, 0, 0, 0, 2, 0, 0, 0]
    var varints: [UInt64] = []
    var words: [UInt32] = []
    var reader = ProtobufReader(bytes.span)
    while let field = try reader.nextField(in: bytes.span) {
      let isRead =
        field.number == 1
        ? try reader.repeatedVarints(field, in: bytes.span, to: &varints)
        : try reader.repeatedFixed32(field, in: bytes.span, to: &words)
      #expect(isRead)
    }
    #expect(varints == [1, 300, 7])
    #expect(words == [1, 2])
    let cut: [UInt8] = [0x0A, 0x07, 0, 0, 0, 0, 0, 0, 0]
    var doubles = ProtobufReader(cut.span)
    let field = try #require(try doubles.nextField(in: cut.span))
    var values: [UInt64] = []
    #expect(throws: ProtobufError.self) { try doubles.repeatedFixed64(field, in: cut.span, to: &values) }
  }

  @Test("random bytes are read to an end or refused", arguments: 0..<8 as Range<UInt64>)
  func random(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var accepted = 0
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
        // Small bytes are tags and lengths that make sense.
        Bool.random(using: &random)
          ? UInt8.random(in: 0...0x2F, using: &random) : UInt8.random(in: 0...255, using: &random)
      }
      do throws(ProtobufError) {
        _ = try skipAll(bytes)
        accepted += 1
      } catch { #expect(error.offset <= bytes.count) }
    }
    #expect(accepted > 50)
    #expect(accepted < 1900)
  }

  @Test("what the writer writes the reader reads")
  func writer() throws {
    var writer = ProtobufWriter()
    writer.message(1) {
      $0.integer(1, -1)
      $0.string(2, "é")
    }
    writer.varint(16, 1)
    #expect(
      writer.bytes == [0x0A, 0x0F, 0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01, 0x12, 0x02, 0xC3, 0xA9]
        + [0x80, 0x01, 0x01])
    #expect(try skipAll(writer.bytes) == [1, 16])
  }
}

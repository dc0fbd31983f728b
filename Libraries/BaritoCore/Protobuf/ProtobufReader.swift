/// Reads one message of the protobuf wire format, field by field, without copying.
///
/// ```swift
/// var reader = ProtobufReader(bytes)
/// while let field = try reader.nextField(in: bytes) {
///   switch (field.number, field.wireType) {
///   case (1, .lengthDelimited): name = try reader.lengthDelimited(in: bytes)
///   case (2, .varint): count = try reader.varint(in: bytes)
///   default: try reader.skip(field, in: bytes)
///   }
/// }
/// ```
///
/// A reader is a position and an end in bytes that the caller holds; every call must be given the same bytes. A field whose
/// wire type is not the expected one is an unknown field: skip it, as all protobuf implementations do. A message inside is
/// a reader of its own; how many levels of them are followed is up to the caller.
public struct ProtobufReader: Sendable {
  /// Index of the next byte to read.
  public private(set) var position: Int
  /// Index behind the message's last byte.
  public let end: Int

  /// A reader of the message that all of `bytes` are.
  public init(_ bytes: Span<UInt8>) {
    position = 0
    end = bytes.count
  }

  /// A reader of the message that stands at `range`, such as a length-delimited field's.
  public init(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  /// Whether everything has been read.
  public var isAtEnd: Bool { position >= end }

  /// Moves behind the next field's tag, to its value; nil at the end of the message.
  ///
  /// The value must be read, by the call for its wire type, or skipped before the next field.
  public mutating func nextField(in bytes: Span<UInt8>) throws(ProtobufError) -> ProtobufField? {
    guard position < end else { return nil }
    let start = position
    let field = try tag(in: bytes)
    if field.wireType == .endGroup { throw .groupNotBegun(field.number, at: start) }
    return field
  }

  /// Reads a varint: 64 bits, as a uint64 has them.
  public mutating func varint(in bytes: Span<UInt8>) throws(ProtobufError) -> UInt64 {
    guard position < end else { throw .truncated("a varint", at: position) }
    let byte = bytes[position]
    if byte < 0x80 {
      position &+= 1
      return UInt64(byte)
    }
    return try longVarint(in: bytes, maximum: 10)
  }

  /// Reads four bytes, lowest first.
  public mutating func fixed32(in bytes: Span<UInt8>) throws(ProtobufError) -> UInt32 {
    guard end &- position >= 4 else { throw .truncated("a fixed32", at: position) }
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(bytes[position &+ index]) &<< UInt32(8 &* index) }
    position &+= 4
    return value
  }

  /// Reads eight bytes, lowest first; a double is `Double(bitPattern:)` of them.
  public mutating func fixed64(in bytes: Span<UInt8>) throws(ProtobufError) -> UInt64 {
    guard end &- position >= 8 else { throw .truncated("a fixed64", at: position) }
    let value = EightBytes(bytes, at: position).word
    position &+= 8
    return value
  }

  /// Reads a length and moves behind the bytes that it counts.
  /// - Returns: where they stand, which is never beyond ``end``.
  public mutating func lengthDelimited(in bytes: Span<UInt8>) throws(ProtobufError) -> Range<Int> {
    let start = position
    guard start < end else { throw .truncated("a length", at: start) }
    var length = UInt64(bytes[start])
    if length < 0x80 { position &+= 1 } else { length = try longVarint(in: bytes, maximum: 5) }
    guard length <= UInt64(end &- position) else { throw .beyondEnd(length, left: end &- position, at: start) }
    let range = position..<(position &+ Int(length))
    position = range.upperBound
    return range
  }

  /// Moves behind the value of `field`, whose tag was read last.
  /// - Parameter depth: how many groups may be inside each other.
  public mutating func skip(
    _ field: ProtobufField, in bytes: Span<UInt8>, depth: Int = 100
  ) throws(ProtobufError) {
    switch field.wireType {
    case .varint: _ = try varint(in: bytes)
    case .fixed64: _ = try fixed64(in: bytes)
    case .fixed32: _ = try fixed32(in: bytes)
    case .lengthDelimited: _ = try lengthDelimited(in: bytes)
    case .startGroup: try skipGroup(field.number, in: bytes, depth: depth)
    case .endGroup: throw .groupNotBegun(field.number, at: position)
    }
  }

  private mutating func skipGroup(_ number: Int, in bytes: Span<UInt8>, depth: Int) throws(ProtobufError) {
    guard depth > 0 else { throw ProtobufError(.tooDeep, at: position, "too many groups inside each other") }
    while position < end {
      let start = position
      let field = try tag(in: bytes)
      if field.wireType == .endGroup {
        if field.number == number { return }
        throw .groupNotBegun(field.number, at: start)
      }
      try skip(field, in: bytes, depth: depth - 1)
    }
    throw ProtobufError(.unbalancedGroup, at: position, "group \(number) does not end")
  }

  private mutating func tag(in bytes: Span<UInt8>) throws(ProtobufError) -> ProtobufField {
    let start = position
    var tag = UInt64(bytes[start])
    if tag < 0x80 { position &+= 1 } else { tag = try longVarint(in: bytes, maximum: 5) }
    guard tag <= UInt64(UInt32.max), tag >= 8 else { throw .fieldNumber(tag &>> 3, at: start) }
    guard let wireType = ProtobufField.WireType(rawValue: UInt8(truncatingIfNeeded: tag & 7)) else {
      throw ProtobufError(.badWireType, at: start, "there is no wire type \(tag & 7)")
    }
    return ProtobufField(Int(tag &>> 3), wireType)
  }

  /// A varint of more than one byte, of which no more than `maximum` may be taken.
  private mutating func longVarint(in bytes: Span<UInt8>, maximum: Int) throws(ProtobufError) -> UInt64 {
    var value: UInt64 = 0
    let stop = min(position &+ maximum, end)
    var index = position
    while index < stop {
      let byte = bytes[index]
      let shift = UInt64(7 &* (index &- position))
      value |= UInt64(byte & 0x7F) &<< shift
      index &+= 1
      if byte < 0x80 {
        // The tenth byte has room for one bit.
        guard shift < 63 || byte <= 1 else { throw .varintTooLong(maximum, at: position) }
        position = index
        return value
      }
    }
    guard stop == position &+ maximum else { throw .truncated("a varint", at: position) }
    throw .varintTooLong(maximum, at: position)
  }
}

extension ProtobufError {
  @inline(never)
  fileprivate static func truncated(_ what: StaticString, at offset: Int) -> Self {
    ProtobufError(.truncated, at: offset, "the message ends inside \(what)")
  }

  @inline(never)
  fileprivate static func beyondEnd(_ length: UInt64, left: Int, at offset: Int) -> Self {
    ProtobufError(.truncated, at: offset, "a length of \(length), and \(left) bytes are left")
  }

  @inline(never)
  fileprivate static func varintTooLong(_ maximum: Int, at offset: Int) -> Self {
    ProtobufError(.varintTooLong, at: offset, "a varint of more than \(maximum == 10 ? 64 : 32) bits")
  }

  @inline(never)
  fileprivate static func fieldNumber(_ number: UInt64, at offset: Int) -> Self {
    ProtobufError(.badFieldNumber, at: offset, "there is no field number \(number)")
  }

  @inline(never)
  fileprivate static func groupNotBegun(_ number: Int, at offset: Int) -> Self {
    ProtobufError(.unbalancedGroup, at: offset, "the end of group \(number), which was not begun last")
  }
}

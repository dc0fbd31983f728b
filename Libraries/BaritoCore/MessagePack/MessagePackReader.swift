/// Reads MessagePack value by value, without copying.
///
/// ```swift
/// var reader = MessagePackReader(bytes)
/// let count = try reader.array(in: bytes)
/// let tag = try reader.text(in: bytes)
/// ```
///
/// A reader is a position and an end in bytes that the caller holds; every call must be given the same bytes. After an
/// error it stands where it stood before the call, so that a stream can go on when more bytes have come
/// (``MessagePackError/needsMoreBytes``). Nothing is allocated for what a header claims.
public struct MessagePackReader: Sendable {
  /// Index of the next byte to read.
  public private(set) var position: Int
  /// Index behind the last byte that may be read.
  public let end: Int
  public let limits: MessagePackLimits

  /// A reader of all of `bytes`.
  public init(_ bytes: Span<UInt8>, limits: MessagePackLimits = MessagePackLimits()) {
    self.init(0..<bytes.count, limits: limits)
  }

  /// A reader of the values that stand at `range`, such as a binary's.
  public init(_ range: Range<Int>, limits: MessagePackLimits = MessagePackLimits()) {
    position = range.lowerBound
    end = range.upperBound
    self.limits = limits
  }

  /// Whether everything has been read.
  public var isAtEnd: Bool { position >= end }

  /// Reads a scalar, or the header of an array or a map; its elements are the next values then.
  public mutating func next(in bytes: Span<UInt8>) throws(MessagePackError) -> MessagePackToken {
    guard position < end else { throw .incomplete(at: position) }
    let byte = bytes[position]
    switch byte {
    case 0x00...0x7F: return take(1, .integer(Int64(byte)))
    case 0xE0...0xFF: return take(1, .integer(Int64(Int8(bitPattern: byte))))
    case 0x80...0x8F: return take(1, .map(try allowed(Int(byte & 0x0F))))
    case 0x90...0x9F: return take(1, .array(try allowed(Int(byte & 0x0F))))
    case 0xA0...0xBF: return .string(try payload(Int(byte & 0x1F), header: 1))
    case 0xC0: return take(1, .null)
    case 0xC2: return take(1, .bool(false))
    case 0xC3: return take(1, .bool(true))
    case 0xC4: return .binary(try payload(Int(try number(1, in: bytes)), header: 2))
    case 0xC5: return .binary(try payload(Int(try number(2, in: bytes)), header: 3))
    case 0xC6: return .binary(try payload(Int(try number(4, in: bytes)), header: 5))
    case 0xC7: return try extended(Int(try number(1, in: bytes)), header: 3, in: bytes)
    case 0xC8: return try extended(Int(try number(2, in: bytes)), header: 4, in: bytes)
    case 0xC9: return try extended(Int(try number(4, in: bytes)), header: 6, in: bytes)
    case 0xCA: return take(5, .float(Float(bitPattern: UInt32(truncatingIfNeeded: try number(4, in: bytes)))))
    case 0xCB: return take(9, .double(Double(bitPattern: try number(8, in: bytes))))
    case 0xCC: return take(2, .integer(Int64(try number(1, in: bytes))))
    case 0xCD: return take(3, .integer(Int64(try number(2, in: bytes))))
    case 0xCE: return take(5, .integer(Int64(try number(4, in: bytes))))
    case 0xCF:
      let value = try number(8, in: bytes)
      return take(9, value > UInt64(Int64.max) ? .unsigned(value) : .integer(Int64(value)))
    case 0xD0: return take(2, .integer(Int64(Int8(truncatingIfNeeded: try number(1, in: bytes)))))
    case 0xD1: return take(3, .integer(Int64(Int16(truncatingIfNeeded: try number(2, in: bytes)))))
    case 0xD2: return take(5, .integer(Int64(Int32(truncatingIfNeeded: try number(4, in: bytes)))))
    case 0xD3: return take(9, .integer(Int64(bitPattern: try number(8, in: bytes))))
    case 0xD4...0xD8: return try extended(1 &<< Int(byte &- 0xD4), header: 2, in: bytes)
    case 0xD9: return .string(try payload(Int(try number(1, in: bytes)), header: 2))
    case 0xDA: return .string(try payload(Int(try number(2, in: bytes)), header: 3))
    case 0xDB: return .string(try payload(Int(try number(4, in: bytes)), header: 5))
    case 0xDC: return take(3, .array(try allowed(Int(try number(2, in: bytes)))))
    case 0xDD: return take(5, .array(try allowed(Int(try number(4, in: bytes)))))
    case 0xDE: return take(3, .map(try allowed(Int(try number(2, in: bytes)))))
    case 0xDF: return take(5, .map(try allowed(Int(try number(4, in: bytes)))))
    default: throw MessagePackError(.badType, at: position, "0xC1 begins no value")
    }
  }

  /// Moves behind the next value, with everything in it.
  /// - Returns: where the value stands.
  @discardableResult
  public mutating func skip(in bytes: Span<UInt8>) throws(MessagePackError) -> Range<Int> {
    let start = position
    var framing = MessagePackFraming(limits: limits)
    guard let length = try framing.length(in: bytes, from: start, to: end) else { throw .incomplete(at: start) }
    position = start &+ length
    return start..<position
  }

  private mutating func take(_ count: Int, _ token: MessagePackToken) -> MessagePackToken {
    position &+= count
    return token
  }

  /// The big-endian number of `count` bytes that stands behind the type's byte.
  private func number(_ count: Int, in bytes: Span<UInt8>) throws(MessagePackError) -> UInt64 {
    guard end &- position > count else { throw .incomplete(at: position) }
    var value: UInt64 = 0
    for index in 1...count { value = value &<< 8 | UInt64(bytes[position &+ index]) }
    return value
  }

  private func allowed(_ count: Int) throws(MessagePackError) -> Int {
    guard count <= limits.elements else { throw .tooMany(count, limits.elements, at: position) }
    return count
  }

  private mutating func payload(_ length: Int, header: Int) throws(MessagePackError) -> Range<Int> {
    guard length <= limits.length else { throw .tooLong(length, limits.length, at: position) }
    guard end &- position >= header &+ length else { throw .incomplete(at: position) }
    let start = position &+ header
    position = start &+ length
    return start..<position
  }

  private mutating func extended(
    _ length: Int, header: Int, in bytes: Span<UInt8>
  ) throws(MessagePackError) -> MessagePackToken {
    let range = try payload(length, header: header)
    return .extended(Int8(bitPattern: bytes[range.lowerBound &- 1]), range)
  }
}

extension MessagePackError {
  @inline(never)
  static func incomplete(at offset: Int) -> Self { MessagePackError(.incomplete, at: offset, "the value goes on") }

  @inline(never)
  static func tooMany(_ count: Int, _ limit: Int, at offset: Int) -> Self {
    MessagePackError(.tooMany, at: offset, "\(count) elements, of which \(limit) are allowed")
  }

  @inline(never)
  fileprivate static func tooLong(_ length: Int, _ limit: Int, at offset: Int) -> Self {
    MessagePackError(.tooLong, at: offset, "\(length) bytes, of which \(limit) are allowed")
  }
}

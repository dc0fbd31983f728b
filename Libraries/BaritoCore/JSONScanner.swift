/// Reads JSON text (RFC 8259, strictly) without decoding it: where values stand, and that they are well formed.
///
/// The scanner holds a position and never the bytes: every call takes the same span. It goes forward only, so a text is
/// checked and found in one pass. It never recurses, and allocates only for texts nested deeper than 64 levels.
///
/// ```swift
/// var scanner = JSONScanner()
/// try scanner.openObject(in: bytes)
/// while let key = try scanner.nextKey(in: bytes) {
///   let value = try scanner.value(in: bytes)   // or openObject, openArray
/// }
/// try scanner.end(in: bytes)
/// ```
///
/// Malformed UTF-8 inside strings is no error here: `hasMalformedUTF8` tells, and ``UTF8Repair`` mends it. Escaped lone
/// surrogates are grammatical and accepted; decoded they become U+FFFD.
public struct JSONScanner: Sendable {
  /// Index of the next byte to read.
  public internal(set) var position: Int
  /// Whether a line feed or carriage return stood between tokens read so far.
  public internal(set) var hasLineBreak = false
  /// Whether a string read so far holds bytes that are not UTF-8.
  public internal(set) var hasMalformedUTF8 = false
  /// How many arrays and objects may be open at once.
  public let maximumDepth: Int

  /// How deep texts may nest where nobody says otherwise.
  public static let defaultMaximumDepth = 10_000

  /// Arrays and objects that were entered by `openArray` and `openObject` and not left yet.
  var depth = 0
  /// Whether the container entered last has not given its first member or element yet.
  var isAtFirst = false

  /// - Parameters:
  ///   - position: index of the byte to start at.
  ///   - maximumDepth: how many arrays and objects may be open at once.
  public init(at position: Int = 0, maximumDepth: Int = JSONScanner.defaultMaximumDepth) {
    self.position = position
    self.maximumDepth = maximumDepth
  }

  /// Checks that `bytes` are exactly one JSON value with nothing but white space around it, and tells where it stands.
  public static func validate(
    _ bytes: Span<UInt8>, maximumDepth: Int = JSONScanner.defaultMaximumDepth
  ) throws(JSONError) -> JSONElement {
    var scanner = JSONScanner(maximumDepth: maximumDepth)
    let element = try scanner.value(in: bytes)
    try scanner.end(in: bytes)
    return element
  }

  /// Forgets `hasLineBreak` and `hasMalformedUTF8`, so that they speak of what is read from here on.
  public mutating func resetFindings() {
    hasLineBreak = false
    hasMalformedUTF8 = false
  }

  /// The kind of the next value, told by its first byte, which becomes `position`. Nothing else is checked yet.
  public mutating func peekKind(in bytes: Span<UInt8>) throws(JSONError) -> JSONKind {
    skipWhiteSpace(in: bytes)
    guard position < bytes.count, let kind = JSONKind(startingWith: bytes[position]) else {
      throw noValue(in: bytes, at: position)
    }
    return kind
  }

  /// Checks that nothing but white space is left.
  public mutating func end(in bytes: Span<UInt8>) throws(JSONError) {
    skipWhiteSpace(in: bytes)
    if position < bytes.count {
      throw .expected("the end after the value", in: bytes, at: position, .trailingBytes)
    }
  }

  /// Moves over white space, noting line breaks.
  @inline(__always)
  mutating func skipWhiteSpace(in bytes: Span<UInt8>) {
    var index = position
    while index < bytes.count {
      let byte = bytes[index]
      if byte > 0x20 { break }
      if byte == 0x0A || byte == 0x0D {
        hasLineBreak = true
      } else if byte != 0x20, byte != 0x09 {
        break
      }
      index &+= 1
    }
    position = index
  }

  /// Moves over `byte`, with white space before it; otherwise fails with what was `expected`.
  @inline(__always)
  mutating func take(_ byte: UInt8, _ expected: StaticString, in bytes: Span<UInt8>) throws(JSONError) {
    skipWhiteSpace(in: bytes)
    guard position < bytes.count, bytes[position] == byte else {
      throw .expected(expected.description, in: bytes, at: position)
    }
    position &+= 1
  }

  /// The error for bytes that start no value.
  func noValue(in bytes: Span<UInt8>, at index: Int) -> JSONError {
    let first = bytes.isEmpty ? 0 : bytes[0]
    let startsLikeMark = first == 0xEF || first == 0xFE || first == 0xFF || (index == 0 && first == 0 && !bytes.isEmpty)
    if index == 0, startsLikeMark {
      return JSONError(
        .byteOrderMark, at: 0, "the text starts with a byte order mark or is not UTF-8; send UTF-8 without a mark")
    }
    if index == bytes.count, depth == 0 {
      return JSONError(.empty, at: index, "expected a value, found nothing")
    }
    return .expected("a value", in: bytes, at: index)
  }
}

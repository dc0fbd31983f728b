import BaritoCore

/// Reads a stream's labels as Prometheus writes them, `{app="shop", env="prod"}`: names, and values quoted as in Go.
struct LokiLabels {
  private var position: Int
  private let end: Int
  private var isFirst = true

  /// - Parameter range: where the text stands.
  init(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  /// Reads the next label, and appends the text of its value to `value`.
  /// - Returns: its name, as it is written between quotes, or without them; nil after the last.
  mutating func next(in bytes: Span<UInt8>, value: inout [UInt8]) throws(IngestRejection) -> [UInt8]? {
    if isFirst { try take(UInt8(ascii: "{"), in: bytes) }
    skipSpace(in: bytes)
    if !isFirst, peek(in: bytes) == UInt8(ascii: ",") {
      position += 1
      skipSpace(in: bytes)
    } else if !isFirst, peek(in: bytes) != UInt8(ascii: "}") {
      throw expected("',' or '}'")
    }
    isFirst = false
    if peek(in: bytes) == UInt8(ascii: "}") {
      position += 1
      skipSpace(in: bytes)
      guard position == end else { throw expected("the end") }
      return nil
    }
    var name: [UInt8] = []
    if peek(in: bytes) == UInt8(ascii: "\"") {
      try quoted(in: bytes, &name)
    } else {
      while let byte = peek(in: bytes), Self.isName(byte) {
        name.append(byte)
        position += 1
      }
    }
    guard !name.isEmpty else { throw expected("a label's name") }
    try take(UInt8(ascii: "="), in: bytes)
    skipSpace(in: bytes)
    try quoted(in: bytes, &value)
    return name
  }

  private func peek(in bytes: Span<UInt8>) -> UInt8? { position < end ? bytes[position] : nil }

  private mutating func skipSpace(in bytes: Span<UInt8>) {
    while let byte = peek(in: bytes), byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private mutating func take(_ byte: UInt8, in bytes: Span<UInt8>) throws(IngestRejection) {
    skipSpace(in: bytes)
    guard peek(in: bytes) == byte else { throw expected("'\(Unicode.Scalar(byte))'") }
    position += 1
  }

  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "."), 0x80...:
      true
    default: false
    }
  }

  /// A string of Go: between double quotes with escapes, or between back quotes without.
  private mutating func quoted(in bytes: Span<UInt8>, _ text: inout [UInt8]) throws(IngestRejection) {
    guard let quote = peek(in: bytes), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "`") else {
      throw expected("a value in quotes")
    }
    position += 1
    while let byte = peek(in: bytes) {
      position += 1
      if byte == quote { return }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        try escape(in: bytes, &text)
      } else {
        text.append(byte)
      }
    }
    throw expected("the quote that ends a value")
  }

  private mutating func escape(in bytes: Span<UInt8>, _ text: inout [UInt8]) throws(IngestRejection) {
    guard let byte = peek(in: bytes) else { throw expected("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "a"): text.append(0x07)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "v"): text.append(0x0B)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): text.append(byte)
    case UInt8(ascii: "x"): text.append(UInt8(truncatingIfNeeded: try digits(2, radix: 16, in: bytes)))
    case UInt8(ascii: "u"): try scalar(4, in: bytes, &text)
    case UInt8(ascii: "U"): try scalar(8, in: bytes, &text)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      let value = try digits(3, radix: 8, in: bytes)
      guard value < 256 else { throw expected("an escape of at most \\377") }
      text.append(UInt8(value))
    default:
      position -= 1
      throw expected("one of abfnrtvxuU01234567\\\"' after a backslash")
    }
  }

  private mutating func scalar(
    _ count: Int, in bytes: Span<UInt8>, _ text: inout [UInt8]
  ) throws(IngestRejection) {
    guard let scalar = Unicode.Scalar(try digits(count, radix: 16, in: bytes)) else { throw expected("a character") }
    text.append(contentsOf: Array(String(Character(scalar)).utf8))
  }

  private mutating func digits(_ count: Int, radix: UInt32, in bytes: Span<UInt8>) throws(IngestRejection) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let byte = peek(in: bytes), let digit = Self.digit(byte), digit < radix else {
        throw expected("\(count) digits of an escape")
      }
      value = value &* radix &+ digit
      position += 1
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private func expected(_ what: String) -> IngestRejection {
    IngestRejection(
      .malformed, in: .body, at: position,
      "a stream's labels are not {name=\"value\",…}: expected \(what) at byte \(position) of the body")
  }
}

/// A place in a message, moved over what is read.
struct SyslogCursor: Equatable {
  private(set) var position: Int

  init(at position: Int = 0) { self.position = position }

  func peek(in bytes: Span<UInt8>) -> UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Moves over the byte if it is the next; false when it is not.
  mutating func skip(_ character: Unicode.Scalar, in bytes: Span<UInt8>) -> Bool {
    guard peek(in: bytes) == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func skip(text: String, in bytes: Span<UInt8>) -> Bool {
    guard bytes.has(text, at: position) else { return false }
    position += text.utf8.count
    return true
  }

  /// The bytes up to the next for which `isEnd` holds or the message's end, at most `limit`; nil when there are more, or
  /// none.
  mutating func token(
    in bytes: Span<UInt8>, limit: Int = 255, until isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") }
  ) -> Range<Int>? {
    let start = position
    var index = start
    while index < bytes.count, !isEnd(bytes[index]) {
      index += 1
      if index - start > limit { return nil }
    }
    guard index > start else { return nil }
    position = index
    return start..<index
  }

  /// A number of `digits` digits at most; nil when there is none.
  mutating func number(in bytes: Span<UInt8>, digits: ClosedRange<Int>) -> Int? {
    var index = position
    var number = 0
    while index < bytes.count, bytes[index].isDigit, index - position < digits.upperBound {
      number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
      index += 1
    }
    guard digits.contains(index - position) else { return nil }
    position = index
    return number
  }
}

extension Span<UInt8> {
  /// Whether the text stands at a place.
  func has(_ text: String, at place: Int) -> Bool {
    guard place >= 0, count - place >= text.utf8.count else { return false }
    var index = place
    for byte in text.utf8 {
      guard self[index] == byte else { return false }
      index &+= 1
    }
    return true
  }

  /// Whether these are the text's bytes.
  func isText(_ text: String) -> Bool { count == text.utf8.count && has(text, at: 0) }
}

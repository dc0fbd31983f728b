extension JSONScanner {
  /// Moves over a string whose opening quote has been read, and tells where its text stands.
  @inline(__always)
  mutating func skipString(in bytes: Span<UInt8>) throws(JSONError) -> JSONStringText {
    let start = position
    var hasEscapes = false
    var index = start
    while true {
      index = bytes.firstNeedingCare(from: index)
      guard index < bytes.count else { throw JSONError(.unexpectedEnd, at: index, "expected '\"' to end the string") }
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        position = index &+ 1
        return JSONStringText(range: start..<index, hasEscapes: hasEscapes)
      }
      if byte >= 0x80 {
        index = skipCharacters(in: bytes, from: index)
      } else if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        index = try skipEscape(in: bytes, from: index)
      } else {
        throw .expected("control characters to be escaped", in: bytes, at: index, .controlCharacter)
      }
    }
  }

  /// Moves over characters outside ASCII.
  private mutating func skipCharacters(in bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] >= 0x80 {
      let sequence = UTF8Sequence(bytes, at: index)
      if !sequence.isValid { hasMalformedUTF8 = true }
      index &+= sequence.length
    }
    return index
  }

  /// Moves over a backslash and what it escapes.
  private func skipEscape(in bytes: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
    let index = start &+ 1
    switch index < bytes.count ? bytes[index] : 0 {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return index &+ 1
    case UInt8(ascii: "u"):
      for digit in (index &+ 1)...(index &+ 4) {
        guard digit < bytes.count, hexValue(bytes[digit]) != nil else {
          throw .expected("four hexadecimal digits after '\\u'", in: bytes, at: digit, .badEscape)
        }
      }
      return index &+ 5
    default:
      throw .expected("one of \"\\/bfnrtu after a backslash", in: bytes, at: index, .badEscape)
    }
  }
}

/// The value of a hexadecimal digit, in either case.
func hexValue(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- UInt8(ascii: "a") &+ 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- UInt8(ascii: "A") &+ 10)
  default: nil
  }
}

extension JSONScanner {
  /// Checks the next value, however deep it is, and moves behind it.
  public mutating func value(in bytes: Span<UInt8>) throws(JSONError) -> JSONElement {
    let kind = try peekKind(in: bytes)
    let start = position
    var nesting = Nesting()
    reading: while true {
      // Here a value must start. A container only opens, and its first value is read by the next turn.
      skipWhiteSpace(in: bytes)
      guard position < bytes.count else { throw unfinished(in: bytes, nesting) }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position &+= 1
        _ = try skipString(in: bytes)
      case UInt8(ascii: "{"):
        try open(.object, &nesting)
        skipWhiteSpace(in: bytes)
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
          position &+= 1
          nesting.pop()
        } else {
          _ = try key("a key or '}'", in: bytes)
          continue reading
        }
      case UInt8(ascii: "["):
        try open(.array, &nesting)
        skipWhiteSpace(in: bytes)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "]") else { continue reading }
        position &+= 1
        nesting.pop()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber(in: bytes)
      case UInt8(ascii: "t"): try skipWord("true", in: bytes)
      case UInt8(ascii: "f"): try skipWord("false", in: bytes)
      case UInt8(ascii: "n"): try skipWord("null", in: bytes)
      default: throw noValue(in: bytes, at: position)
      }
      // Here a value has ended: go on in what holds it, which may end with it.
      while nesting.depth > 0 {
        skipWhiteSpace(in: bytes)
        let next = position < bytes.count ? bytes[position] : 0
        if next == UInt8(ascii: ",") {
          position &+= 1
          if nesting.isObject { _ = try key("a key", in: bytes) }
          continue reading
        }
        guard next == nesting.closingByte else {
          throw .expected(nesting.isObject ? "',' or '}'" : "',' or ']'", in: bytes, at: position)
        }
        position &+= 1
        nesting.pop()
      }
      return JSONElement(kind: kind, range: start..<position)
    }
  }

  /// Enters an array or object inside `value(in:)`.
  @inline(__always)
  private mutating func open(_ kind: JSONKind, _ nesting: inout Nesting) throws(JSONError) {
    guard depth &+ nesting.depth < maximumDepth else { throw tooDeep() }
    nesting.push(isObject: kind == .object)
    position &+= 1
  }

  /// The error for a container that would be one too many.
  func tooDeep() -> JSONError {
    JSONError(.tooDeep, at: position, "more than \(maximumDepth) arrays and objects inside each other")
  }

  private func unfinished(in bytes: Span<UInt8>, _ nesting: Nesting) -> JSONError {
    nesting.depth == 0 ? noValue(in: bytes, at: position) : .expected("a value", in: bytes, at: position)
  }

  /// Moves over one of the three words of JSON.
  private mutating func skipWord(_ word: StaticString, in bytes: Span<UInt8>) throws(JSONError) {
    let text = word.description
    for byte in text.utf8 {
      guard position < bytes.count, bytes[position] == byte else {
        throw .expected("'\(text)'", in: bytes, at: position)
      }
      position &+= 1
    }
  }

  /// Moves over a number, of which at least the first byte is known to be a digit or a minus sign.
  private mutating func skipNumber(in bytes: Span<UInt8>) throws(JSONError) {
    if bytes[position] == UInt8(ascii: "-") { position &+= 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
      position &+= 1
      if position < bytes.count, isDigit(bytes[position]) {
        throw JSONError(.badNumber, at: position, "a number must not start with 0 and another digit")
      }
    } else {
      try skipDigits("a digit", in: bytes)
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position &+= 1
      try skipDigits("a digit after the decimal point", in: bytes)
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position &+= 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position &+= 1
      }
      try skipDigits("a digit of the exponent", in: bytes)
    }
  }

  /// Moves over one digit or more.
  @inline(__always)
  private mutating func skipDigits(_ expected: StaticString, in bytes: Span<UInt8>) throws(JSONError) {
    var index = position
    while index < bytes.count, isDigit(bytes[index]) { index &+= 1 }
    guard index > position else { throw .expected(expected.description, in: bytes, at: index, .badNumber) }
    position = index
  }
}

/// Whether `byte` is one of `0` to `9`.
@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

/// Which containers are open, innermost in the lowest bit: one bit a level, set for objects.
private struct Nesting {
  private(set) var depth = 0
  private var innermost: UInt64 = 0
  /// Full words of outer levels; empty up to 64 levels.
  private var outer: [UInt64] = []

  @inline(__always)
  var isObject: Bool { innermost & 1 == 1 }
  @inline(__always)
  var closingByte: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

  @inline(__always)
  mutating func push(isObject: Bool) {
    if depth & 63 == 0, depth > 0 {
      outer.append(innermost)
      innermost = 0
    }
    innermost = innermost << 1 | (isObject ? 1 : 0)
    depth &+= 1
  }

  @inline(__always)
  mutating func pop() {
    depth &-= 1
    if depth & 63 == 0, depth > 0 {
      innermost = outer.removeLast()
    } else {
      innermost >>= 1
    }
  }
}

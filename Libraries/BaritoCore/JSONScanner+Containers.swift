extension JSONScanner {
  /// Enters the object that must stand next; `nextKey(in:)` then walks its members.
  public mutating func openObject(in bytes: Span<UInt8>) throws(JSONError) {
    try enter(UInt8(ascii: "{"), "'{'", in: bytes)
  }

  /// Enters the array that must stand next; `nextElement(in:)` then walks its elements.
  public mutating func openArray(in bytes: Span<UInt8>) throws(JSONError) {
    try enter(UInt8(ascii: "["), "'['", in: bytes)
  }

  /// Moves to the next member of the object entered last, and behind its colon: read its value next. nil where the
  /// object has ended, which is then left.
  public mutating func nextKey(in bytes: Span<UInt8>) throws(JSONError) -> JSONStringText? {
    guard try advance(to: UInt8(ascii: "}"), "',' or '}'", in: bytes) else { return nil }
    let text = try key(isAtFirst ? "a key or '}'" : "a key", in: bytes)
    isAtFirst = false
    return text
  }

  /// Moves to the next element of the array entered last: read it next. False where the array has ended, which is then
  /// left.
  public mutating func nextElement(in bytes: Span<UInt8>) throws(JSONError) -> Bool {
    let isThere = try advance(to: UInt8(ascii: "]"), "',' or ']'", in: bytes)
    isAtFirst = false
    return isThere
  }

  private mutating func enter(_ byte: UInt8, _ expected: StaticString, in bytes: Span<UInt8>) throws(JSONError) {
    _ = try peekKind(in: bytes)
    guard bytes[position] == byte else { throw .expected(expected.description, in: bytes, at: position) }
    guard depth < maximumDepth else { throw tooDeep() }
    position &+= 1
    depth &+= 1
    isAtFirst = true
  }

  /// Moves over the comma before the next member or element; false where `closing` ended the container instead.
  @inline(__always)
  private mutating func advance(
    to closing: UInt8, _ expected: StaticString, in bytes: Span<UInt8>
  ) throws(JSONError) -> Bool {
    precondition(depth > 0, "no array or object has been entered")
    skipWhiteSpace(in: bytes)
    guard position < bytes.count else { throw .expected(expected.description, in: bytes, at: position) }
    if bytes[position] == closing {
      position &+= 1
      depth &-= 1
      isAtFirst = false
      return false
    }
    if isAtFirst { return true }
    try take(UInt8(ascii: ","), expected, in: bytes)
    return true
  }

  /// Moves over a key and its colon.
  @inline(__always)
  mutating func key(_ expected: StaticString, in bytes: Span<UInt8>) throws(JSONError) -> JSONStringText {
    try take(UInt8(ascii: "\""), expected, in: bytes)
    let text = try skipString(in: bytes)
    try take(UInt8(ascii: ":"), "':' after a key", in: bytes)
    return text
  }
}

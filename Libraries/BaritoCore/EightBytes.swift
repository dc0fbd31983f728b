/// Eight bytes looked at together, lowest address in the lowest bits.
///
/// The answers are masks with the high bit of each byte that was found. Only the lowest found byte is exact: a borrow
/// may mark bytes above it, so callers use `firstMarked` and nothing else.
struct EightBytes {
  let word: UInt64

  /// The eight bytes that start at `index`; there must be eight.
  @inline(__always)
  init(_ bytes: Span<UInt8>, at index: Int) {
    // A span of known length lets the compiler drop the checks and join the loads into one.
    let eight = bytes.extracting(index..<(index &+ 8))
    let low =
      UInt64(eight[0]) | UInt64(eight[1]) << 8 | UInt64(eight[2]) << 16 | UInt64(eight[3]) << 24
    let high =
      UInt64(eight[4]) << 32 | UInt64(eight[5]) << 40 | UInt64(eight[6]) << 48 | UInt64(eight[7]) << 56
    word = low | high
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// Marks bytes that cannot be copied through as the inside of a JSON string: quote, backslash, control characters
  /// and everything outside ASCII.
  @inline(__always)
  var needsCare: UInt64 {
    let quote = word ^ (0x22 &* Self.ones)
    let backslash = word ^ (0x5c &* Self.ones)
    let found =
      ((quote &- Self.ones) & ~quote) | ((backslash &- Self.ones) & ~backslash)
      | ((word &- (0x20 &* Self.ones)) & ~word) | word
    return found & Self.highBits
  }

  /// Marks bytes outside ASCII; every mark is exact.
  @inline(__always)
  var outsideASCII: UInt64 { word & Self.highBits }

  /// Marks bytes equal to `byte`.
  @inline(__always)
  func equal(to byte: UInt8) -> UInt64 {
    let difference = word ^ (UInt64(byte) &* Self.ones)
    return (difference &- Self.ones) & ~difference & Self.highBits
  }

  /// Position 0...7 of the lowest marked byte; the mask must not be zero.
  @inline(__always)
  static func firstMarked(_ mask: UInt64) -> Int { mask.trailingZeroBitCount &>> 3 }
}

extension Span<UInt8> {
  /// Index of the first byte at or after `start` that a JSON string cannot hold as it is, or that is outside ASCII;
  /// `count` where there is none.
  @inline(__always)
  func firstNeedingCare(from start: Int) -> Int {
    var index = start
    while index &+ 8 <= count {
      let mask = EightBytes(self, at: index).needsCare
      if mask != 0 { return index &+ EightBytes.firstMarked(mask) }
      index &+= 8
    }
    while index < count {
      let byte = self[index]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte >= 0x80 { break }
      index &+= 1
    }
    return index
  }

  /// Index of the first byte equal to `wanted` at or after `start`; `count` where there is none.
  @inline(__always)
  func firstIndex(of wanted: UInt8, from start: Int) -> Int {
    var index = start
    while index &+ 8 <= count {
      let mask = EightBytes(self, at: index).equal(to: wanted)
      if mask != 0 { return index &+ EightBytes.firstMarked(mask) }
      index &+= 8
    }
    while index < count, self[index] != wanted { index &+= 1 }
    return index
  }
}

extension Span<UInt8> {
  /// Where a byte occurs first at or after `start`, looked for eight at a time; `count` where it does not.
  public func firstPlace(of wanted: UInt8, from start: Int) -> Int { firstIndex(of: wanted, from: start) }

  /// Whether these bytes stand at this place.
  public func holds(_ expected: Span<UInt8>, at place: Int) -> Bool {
    guard place &+ expected.count <= count else { return false }
    guard expected.count >= 8 else {
      for index in expected.indices where self[place &+ index] != expected[index] { return false }
      return true
    }
    var index = 0
    // The last eight may overlap those before.
    while index < expected.count {
      index = Swift.min(index &+ 8, expected.count)
      if EightBytes(self, at: place &+ index &- 8).word != EightBytes(expected, at: index &- 8).word { return false }
    }
    return true
  }
}

extension [UInt8] {
  /// Appends a copy of `bytes`.
  @inlinable
  public mutating func append(copying bytes: Span<UInt8>) {
    append(addingCapacity: bytes.count) { output in
      for index in 0..<bytes.count { output.append(bytes[index]) }
    }
  }

  /// Appends copies of all three, one behind the other.
  @inlinable
  public mutating func append(copying first: Span<UInt8>, _ second: Span<UInt8>, _ third: Span<UInt8>) {
    append(addingCapacity: first.count + second.count + third.count) { output in
      for index in 0..<first.count { output.append(first[index]) }
      for index in 0..<second.count { output.append(second[index]) }
      for index in 0..<third.count { output.append(third[index]) }
    }
  }
}

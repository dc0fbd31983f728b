import BaritoCore

/// Single values as protobuf's JSON has them.
extension JSONScanner {
  /// Enters the array that stands next, or moves over the null that stands for an empty one.
  /// - Returns: whether there is one.
  mutating func isArray(_ name: String, in bytes: Span<UInt8>) throws(JSONError) -> Bool {
    switch try peekKind(in: bytes) {
    case .array:
      try openArray(in: bytes)
      return true
    case .null:
      _ = try value(in: bytes)
      return false
    case let kind: throw .notA("an array", name, kind, at: position)
    }
  }

  /// Reads a string, and tells where its text stands.
  mutating func text(_ name: String, in bytes: Span<UInt8>) throws(JSONError) -> Range<Int> {
    let element = try value(in: bytes)
    guard element.kind == .string else { throw .notA("a string", name, element.kind, at: element.range.lowerBound) }
    return (element.range.lowerBound + 1)..<(element.range.upperBound - 1)
  }

  /// Reads an integer of 64 bits, which may be a string of digits.
  mutating func signed(_ name: String, in bytes: Span<UInt8>) throws(JSONError) -> Int64 {
    let (digits, isNegative) = try integer(name, in: bytes)
    let limit = UInt64(Int64.max) + (isNegative ? 1 : 0)
    guard let magnitude = Self.magnitude(digits, in: bytes), magnitude <= limit else {
      throw .notA("an integer of 64 bits", name, at: digits.lowerBound)
    }
    return isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude)
  }

  mutating func unsigned(_ name: String, in bytes: Span<UInt8>) throws(JSONError) -> UInt64 {
    let (digits, isNegative) = try integer(name, in: bytes)
    guard let magnitude = Self.magnitude(digits, in: bytes), !isNegative || magnitude == 0 else {
      throw .notA("an integer of 64 bits without a sign", name, at: digits.lowerBound)
    }
    return magnitude
  }

  mutating func unsigned32(_ name: String, in bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
    let start = position
    guard let value = UInt32(exactly: try unsigned(name, in: bytes)) else {
      throw .notA("an integer of 32 bits without a sign", name, at: start)
    }
    return value
  }

  /// Where the digits of a number or a string stand, without their sign.
  private mutating func integer(
    _ name: String, in bytes: Span<UInt8>
  ) throws(JSONError) -> (digits: Range<Int>, isNegative: Bool) {
    let element = try value(in: bytes)
    var range = element.range
    if element.kind == .string {
      range = (range.lowerBound + 1)..<(range.upperBound - 1)
    } else if element.kind != .number {
      throw .notA("an integer", name, element.kind, at: range.lowerBound)
    }
    let isNegative = !range.isEmpty && bytes[range.lowerBound] == UInt8(ascii: "-")
    return (isNegative ? (range.lowerBound + 1)..<range.upperBound : range, isNegative)
  }

  private static func magnitude(_ digits: Range<Int>, in bytes: Span<UInt8>) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var result: UInt64 = 0
    for index in digits {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { return nil }
      result = sum
    }
    return result
  }
}

extension JSONError {
  static func twice(_ name: String, at key: JSONStringText) -> JSONError {
    JSONError(.unexpectedByte, at: key.range.lowerBound, "\"\(name)\" stands there twice")
  }

  static func notA(_ expected: String, _ name: String, _ kind: JSONKind, at offset: Int) -> JSONError {
    notA(expected + " but \(kind.rawValue)", name, at: offset)
  }

  static func notA(_ expected: String, _ name: String, at offset: Int) -> JSONError {
    JSONError(.unexpectedByte, at: offset, "\"\(name)\" is not \(expected)")
  }
}

extension JSONStringText {
  /// The text of a string value that has been scanned; nil where `element` is no string.
  public init?(_ element: JSONElement, in bytes: Span<UInt8>) {
    guard element.kind == .string else { return nil }
    range = (element.range.lowerBound + 1)..<(element.range.upperBound - 1)
    hasEscapes = bytes.extracting(range).firstIndex(of: UInt8(ascii: "\\"), from: 0) < range.count
  }

  /// Whether the decoded text is `text`, byte for byte.
  public func equals(_ text: String, in bytes: Span<UInt8>) -> Bool {
    if hasEscapes { return Array(decoded(in: bytes).utf8) == Array(text.utf8) }
    let wanted = text.utf8Span.span
    guard wanted.count == range.count else { return false }
    let found = bytes.extracting(range)
    for index in 0..<wanted.count where wanted[index] != found[index] { return false }
    return true
  }

  /// The text with its escapes resolved. What is not UTF-8 and escaped lone surrogates become U+FFFD.
  public func decoded(in bytes: Span<UInt8>) -> String {
    var output: [UInt8] = []
    appendDecoded(in: bytes, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends the text with its escapes resolved. Escaped lone surrogates become U+FFFD; bytes that are not UTF-8 are
  /// appended as they are.
  public func appendDecoded(in bytes: Span<UInt8>, to output: inout [UInt8]) {
    let text = bytes.extracting(range)
    guard hasEscapes else {
      output.append(copying: text)
      return
    }
    var index = 0
    while index < text.count {
      let backslash = text.firstIndex(of: UInt8(ascii: "\\"), from: index)
      output.append(copying: text.extracting(index..<backslash))
      guard backslash &+ 1 < text.count else { return }
      index = backslash &+ 2
      switch text[backslash &+ 1] {
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "u"): index = Self.appendScalar(in: text, at: backslash, to: &output)
      case let literal: output.append(literal)
      }
    }
  }

  /// Appends the character of the `\uXXXX` at `index`, or of the pair of them, and returns the index behind it.
  private static func appendScalar(in text: Span<UInt8>, at index: Int, to output: inout [UInt8]) -> Int {
    let unit = codeUnit(in: text, at: index) ?? 0xFFFD
    if unit & 0xFC00 == 0xD800, let low = codeUnit(in: text, at: index + 6), low & 0xFC00 == 0xDC00,
      let scalar = Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF))
    {
      output.append(contentsOf: UTF8.encode(scalar)!)
      return index + 12
    }
    // A surrogate without its other half is no scalar.
    output.append(contentsOf: UTF8.encode(Unicode.Scalar(unit) ?? "\u{FFFD}")!)
    return index + 6
  }

  /// The number of the `\uXXXX` at `index`; nil where there is none.
  private static func codeUnit(in text: Span<UInt8>, at index: Int) -> UInt32? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u") else {
      return nil
    }
    var unit: UInt32 = 0
    for digit in (index + 2)..<(index + 6) {
      guard let value = hexValue(text[digit]) else { return nil }
      unit = unit << 4 | value
    }
    return unit
  }
}

extension JSONElement {
  /// The number as an integer; nil where it is no number, has a fraction or an exponent, or does not fit.
  public func integer(in bytes: Span<UInt8>) -> Int64? {
    guard kind == .number else { return nil }
    let digits = bytes.extracting(range)
    let isNegative = digits[0] == UInt8(ascii: "-")
    var result: Int64 = 0
    // Counted downwards, because the lowest integer has no positive counterpart.
    for index in (isNegative ? 1 : 0)..<digits.count {
      guard isDigit(digits[index]) else { return nil }
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      let (sum, borrow) = product.subtractingReportingOverflow(Int64(digits[index] &- UInt8(ascii: "0")))
      if overflow || borrow { return nil }
      result = sum
    }
    if isNegative { return result }
    return result == .min ? nil : -result
  }

  /// The decoded text of a string; nil where it is no string.
  public func string(in bytes: Span<UInt8>) -> String? {
    JSONStringText(self, in: bytes)?.decoded(in: bytes)
  }
}

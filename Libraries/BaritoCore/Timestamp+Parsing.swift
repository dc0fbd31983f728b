extension Timestamp {
  /// Reads RFC 3339, such as `2026-11-22T10:15:30.123Z` or `2026-11-22t17:15:30+07:00`: 0 to 9 digits of fraction, of
  /// which milliseconds are kept. The second 60 is taken for the first second of the next minute. nil for anything else.
  public init?(_ text: Span<UInt8>) {
    guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      text[10] | 0x20 == UInt8(ascii: "t"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
      let year = Self.number(text, 0, digits: 4), let month = Self.number(text, 5, digits: 2),
      let day = Self.number(text, 8, digits: 2), let hour = Self.number(text, 11, digits: 2), hour < 24,
      let minute = Self.number(text, 14, digits: 2), minute < 60,
      let second = Self.number(text, 17, digits: 2), second <= 60
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard date.exists else { return nil }

    var index = 19
    guard let fraction = Self.milliseconds(text, &index), let offset = Self.offsetMinutes(text, index) else {
      return nil
    }
    let minutes = (date.daysSince1970 * 24 + hour) * 60 + minute - offset
    self.init(milliseconds: (minutes * 60 + second) * 1000 + fraction)
  }

  /// Reads RFC 3339.
  public init?(_ text: String) { self.init(text.utf8Span.span) }

  /// The number written with exactly `digits` digits at `index`.
  private static func number(_ text: Span<UInt8>, _ index: Int, digits: Int) -> Int64? {
    var result: Int64 = 0
    for place in index..<(index + digits) {
      guard isDigit(text[place]) else { return nil }
      result = result * 10 + Int64(text[place] - UInt8(ascii: "0"))
    }
    return result
  }

  /// The fraction of a second at `index`, if any, in whole milliseconds; moves behind it.
  private static func milliseconds(_ text: Span<UInt8>, _ index: inout Int) -> Int64? {
    guard text[index] == UInt8(ascii: ".") else { return 0 }
    let start = index + 1
    index = start
    var result: Int64 = 0
    while index < text.count, isDigit(text[index]) {
      if index - start < 3 { result = result * 10 + Int64(text[index] - UInt8(ascii: "0")) }
      index += 1
    }
    switch index - start {
    case 1: return result * 100
    case 2: return result * 10
    case 3...9: return result
    default: return nil
    }
  }

  /// The zone at `index`, which must end the text: `Z`, or hours and minutes east of Greenwich, in minutes.
  private static func offsetMinutes(_ text: Span<UInt8>, _ index: Int) -> Int64? {
    guard index < text.count else { return nil }
    if text.count == index + 1 { return text[index] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
    guard text.count == index + 6, text[index + 3] == UInt8(ascii: ":"),
      let hours = number(text, index + 1, digits: 2), hours < 24,
      let minutes = number(text, index + 4, digits: 2), minutes < 60
    else { return nil }
    switch text[index] {
    case UInt8(ascii: "+"): return hours * 60 + minutes
    case UInt8(ascii: "-"): return -(hours * 60 + minutes)
    default: return nil
    }
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-11-22T10:15:30.123Z`, always 24 characters.
  public var description: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The day in UTC as indices are named by: `2026.11.22`.
  public var day: String {
    var bytes: [UInt8] = []
    appendDay(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends ``description``.
  public func append(to output: inout [UInt8]) {
    let (days, rest) = daysAndRest
    appendDate(days, UInt8(ascii: "-"), to: &output)
    output.append(UInt8(ascii: "T"))
    Self.append(rest / 3_600_000, digits: 2, to: &output)
    output.append(UInt8(ascii: ":"))
    Self.append(rest / 60_000 % 60, digits: 2, to: &output)
    output.append(UInt8(ascii: ":"))
    Self.append(rest / 1000 % 60, digits: 2, to: &output)
    output.append(UInt8(ascii: "."))
    Self.append(rest % 1000, digits: 3, to: &output)
    output.append(UInt8(ascii: "Z"))
  }

  /// Appends RFC 3339 in UTC of a moment that is some nanoseconds later, which must be less than a millisecond: with
  /// milliseconds, microseconds or nanoseconds, as few as hold it.
  public func append(plus nanoseconds: Int, to output: inout [UInt8]) {
    precondition(nanoseconds >= 0 && nanoseconds < 1_000_000, "a millisecond has 1,000,000 nanoseconds")
    append(to: &output)
    guard nanoseconds > 0 else { return }
    output.removeLast()
    let (micro, nano) = Int64(nanoseconds).quotientAndRemainder(dividingBy: 1000)
    Self.append(micro, digits: 3, to: &output)
    if nano > 0 { Self.append(nano, digits: 3, to: &output) }
    output.append(UInt8(ascii: "Z"))
  }

  /// Appends ``day``.
  public func appendDay(to output: inout [UInt8]) { appendDate(daysAndRest.days, UInt8(ascii: "."), to: &output) }

  /// Days since 1970 and milliseconds of that day, which are never negative.
  private var daysAndRest: (days: Int64, rest: Int64) {
    let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    return rest < 0 ? (days - 1, rest + 86_400_000) : (days, rest)
  }

  private func appendDate(_ days: Int64, _ separator: UInt8, to output: inout [UInt8]) {
    let date = CivilDate(daysSince1970: days)
    Self.append(date.year, digits: 4, to: &output)
    output.append(separator)
    Self.append(date.month, digits: 2, to: &output)
    output.append(separator)
    Self.append(date.day, digits: 2, to: &output)
  }

  /// Appends `number` with leading zeros.
  private static func append(_ number: Int64, digits: Int, to output: inout [UInt8]) {
    var divisor: Int64 = digits == 4 ? 1000 : digits == 3 ? 100 : 10
    while divisor > 0 {
      output.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}

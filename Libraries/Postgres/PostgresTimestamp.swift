/// A `timestamptz` as milliseconds since 1970; microseconds are cut off when read.
public struct PostgresTimestamp: PostgresValue, Hashable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let milliseconds: Int64

  /// - Parameter milliseconds: since 1970-01-01T00:00:00Z.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

  /// ISO 8601 in UTC, as the server reads and writes it.
  public var postgresText: String? {
    let (days, time) = milliseconds.quotientAndModulus(by: 86_400_000)
    let (year, month, day) = Self.date(ofDay: days)
    let date = "\(Self.pad(year > 0 ? year : 1 - year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
    let hour = Self.pad(time / 3_600_000, 2)
    let minute = Self.pad(time / 60_000 % 60, 2)
    let second = "\(Self.pad(time / 1000 % 60, 2)).\(Self.pad(time % 1000, 3))"
    return "\(date) \(hour):\(minute):\(second)+00\(year > 0 ? "" : " BC")"
  }

  /// Reads what a session in UTC writes; nil for `infinity`, and for other time zones.
  public static func fromPostgres(_ text: String?) -> PostgresTimestamp? {
    guard var rest = text.map({ Substring($0) }) else { return nil }
    let isBeforeChrist = rest.hasSuffix(" BC")
    if isBeforeChrist { rest = rest.dropLast(3) }
    guard rest.hasSuffix("+00") else { return nil }
    rest = rest.dropLast(3)
    let halves = rest.split(separator: " ")
    guard halves.count == 2 else { return nil }
    let date = halves[0].split(separator: "-").map { Int64($0) }
    let time = halves[1].split(separator: ":")
    guard date.count == 3, time.count == 3, let written = date[0], let month = date[1], let day = date[2],
      let hour = Int64(time[0]), let minute = Int64(time[1])
    else { return nil }
    let seconds = time[2].split(separator: ".")
    guard (1...2).contains(seconds.count), let second = Int64(seconds[0]) else { return nil }
    let fraction = seconds.count == 2 ? seconds[1] : ""
    guard let milliseconds = Int64((fraction + "000").prefix(3)), written > 0 else { return nil }
    let days = Self.day(ofYear: isBeforeChrist ? 1 - written : written, month: month, day: day)
    let timeOfDay = (hour * 60 + minute) * 60 + second
    return PostgresTimestamp(milliseconds: (days * 86_400 + timeOfDay) * 1000 + milliseconds)
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  // Eras of 400 years that begin on the first of March, so that the leap day is the last of its year.

  private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (day + 719_468).quotientAndModulus(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * dayOfYear + 2) / 153
    let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
  }

  private static func day(ofYear year: Int64, month: Int64, day: Int64) -> Int64 {
    let (era, yearOfEra) = (month <= 2 ? year - 1 : year).quotientAndModulus(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Int64 {
  /// Division that rounds down, so that the remainder is never negative.
  fileprivate func quotientAndModulus(by divisor: Int64) -> (quotient: Int64, modulus: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

/// A point in time as pages write it: milliseconds since 1970, UTC.
struct Moment: Sendable, Hashable, Comparable {
  var milliseconds: Int64

  static func < (first: Moment, second: Moment) -> Bool { first.milliseconds < second.milliseconds }

  /// The same clock, `seconds` later (or earlier, below zero).
  func advanced(bySeconds seconds: Double) -> Moment {
    Moment(milliseconds: milliseconds + Int64(seconds * 1000))
  }

  /// `2026-11-22T10:27:21Z`, what the `datetime` attribute takes.
  var rfc3339: String { "\(date)T\(time)Z" }

  /// `2026-11-22 10:27:21 UTC`, what a person reads.
  var utc: String { "\(date) \(time) UTC" }

  /// `10:27`, for the axis of a chart.
  var hourAndMinute: String { String(time.prefix(5)) }

  private var time: String {
    let second = Int(((milliseconds % dayLength) + dayLength) % dayLength / 1000)
    return "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
  }

  // Civil date from a day number, by H. Hinnant's algorithm: eras of 400 years that begin on 1 March.
  private var date: String {
    let days = (milliseconds >= 0 ? milliseconds : milliseconds - dayLength + 1) / dayLength + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
    return "\(year)-\(two(Int(month < 10 ? month + 3 : month - 9)))-\(two(Int(day)))"
  }

  private var dayLength: Int64 { 86_400_000 }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

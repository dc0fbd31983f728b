extension Timestamp {
  /// The year in UTC.
  public var year: Int {
    let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    return Int(CivilDate(daysSince1970: rest < 0 ? days - 1 : days).year)
  }

  /// A moment of a day in UTC; nil when there is no such day in the years 0001 to 9999.
  ///
  /// - Parameter millisecondsOfDay: since midnight; a day's length is the next day's first.
  public init?(year: Int, month: Int, day: Int, millisecondsOfDay: Int) {
    let date = CivilDate(year: Int64(year), month: Int64(month), day: Int64(day))
    guard date.exists else { return nil }
    self.init(milliseconds: date.daysSince1970 * 86_400_000 + Int64(millisecondsOfDay))
  }
}

import BaritoCore

/// A moment to the nanosecond, in the years 0001 to 9999.
struct LokiTime {
  private let moment: Timestamp
  /// Beyond the millisecond.
  private let nanoseconds: Int

  init(_ moment: Timestamp) {
    self.moment = moment
    nanoseconds = 0
  }

  /// - Parameters:
  ///   - seconds: since 1970.
  ///   - nanoseconds: beyond that, less than a second.
  init?(seconds: Int64, nanoseconds: Int64) {
    let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow, nanoseconds >= 0, nanoseconds < 1_000_000_000,
      milliseconds <= Timestamp.latest.milliseconds,
      let moment = Timestamp(milliseconds: milliseconds + nanoseconds / 1_000_000)
    else { return nil }
    self.moment = moment
    self.nanoseconds = Int(nanoseconds % 1_000_000)
  }

  /// - Parameter nanoseconds: since 1970.
  init?(nanoseconds: Int64) {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    self.init(seconds: rest < 0 ? seconds - 1 : seconds, nanoseconds: rest < 0 ? rest + 1_000_000_000 : rest)
  }

  func append(to output: inout [UInt8]) { moment.append(plus: nanoseconds, to: &output) }
}

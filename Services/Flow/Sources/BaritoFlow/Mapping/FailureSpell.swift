/// Failures of one thing in a row: whether they are of a moment, to be waited out, or there to stay. Pure.
struct FailureSpell: Sendable {
  private var count = 0
  private var began: UInt64 = 0
  private(set) var last: UInt64 = 0

  /// It takes so many failures,
  static let failures = 5
  /// over so long, in nanoseconds, before they are taken for lasting.
  static let length: UInt64 = 30_000_000_000
  /// Nobody knows what was between two failures that lie further apart than this, in nanoseconds.
  static let gap: UInt64 = 300_000_000_000

  /// It failed once more.
  ///
  /// - Parameter now: nanoseconds of a monotonic clock.
  /// - Returns: whether it is there to stay.
  mutating func failed(now: UInt64) -> Bool {
    if count == 0 || now - last > FailureSpell.gap { (count, began) = (0, now) }
    count += 1
    last = now
    return count > FailureSpell.failures && now - began >= FailureSpell.length
  }
}

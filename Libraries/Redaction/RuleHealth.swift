/// Whether one rule of one app costs too much. Pure: moments are nanoseconds of any clock that only goes forward.
///
/// A strike is a value that the rule could not be done with in its bounds. Ten of them within a minute, or much processor
/// time for each document, switch the rule off for ten minutes, so that no app's rule slows the others' lines.
struct RuleHealth: Sendable, Equatable {
  static let strikes = 10
  static let window: UInt64 = 60_000_000_000
  static let rest: UInt64 = 600_000_000_000
  /// Of processor time, in a window: so much in all, and so much for each document, is too much.
  static let mostTime: (total: UInt64, document: UInt64) = (5_000_000_000, 500_000)

  private var start: UInt64 = 0
  private var struck = 0
  private var time: UInt64 = 0
  private var documents: UInt64 = 0
  private var offUntil: UInt64 = 0

  func isOff(_ now: UInt64) -> Bool { now < offUntil }

  /// - Returns: whether that switches it off.
  mutating func strike(_ now: UInt64) -> Bool {
    enter(now)
    struck += 1
    return struck == RuleHealth.strikes && switchOff(now)
  }

  /// - Parameter spent: processor time in nanoseconds.
  /// - Returns: whether that switches it off.
  mutating func took(_ spent: UInt64, documents count: UInt64, _ now: UInt64) -> Bool {
    enter(now)
    time += spent
    documents += count
    let isTooMuch = time >= RuleHealth.mostTime.total && time / documents >= RuleHealth.mostTime.document
    return isTooMuch && switchOff(now)
  }

  private mutating func enter(_ now: UInt64) {
    guard now - min(now, start) >= RuleHealth.window || start == 0 else { return }
    (start, struck, time, documents) = (max(now, 1), 0, 0, 0)
  }

  private mutating func switchOff(_ now: UInt64) -> Bool {
    let isNew = !isOff(now)
    offUntil = now + RuleHealth.rest
    (start, struck, time, documents) = (0, 0, 0, 0)
    return isNew
  }
}

/// Lets so many lines a second through and counts the rest. Pure.
struct RateGate {
  private let limit: Int?
  private var window: UInt64 = 0
  private var passed = 0
  /// Lines held back that nobody has been told of yet.
  private(set) var skipped: Int64 = 0

  /// - Parameter limit: lines a second; nil lets all through.
  init(limit: Int?) { self.limit = limit }

  /// - Parameter now: nanoseconds that never go back.
  mutating func admit(now: UInt64) -> Bool {
    guard let limit else { return true }
    let second = now / 1_000_000_000
    if second != window { (window, passed) = (second, 0) }
    guard passed < limit else {
      skipped += 1
      return false
    }
    passed += 1
    return true
  }

  /// What was held back since the last call; nil for nothing.
  mutating func takeGap() -> Gap? {
    guard skipped > 0 else { return nil }
    defer { skipped = 0 }
    return Gap(.rate, lines: skipped)
  }
}

/// How much was taken in the last seconds: a sliding window made of the running one and the one before.
struct RecentUse: Sendable {
  /// Seconds that are looked back.
  static let window = 10.0

  private var current = 0.0
  private var previous = 0.0
  /// When the running window began, in seconds of the limiter's clock.
  private var began = 0.0

  mutating func add(_ amount: Double, at now: Double) {
    advance(to: now)
    current = max(0, current + amount)
  }

  /// In the window that ends now.
  mutating func total(at now: Double) -> Double {
    advance(to: now)
    return current + previous * max(0, 1 - (now - began) / RecentUse.window)
  }

  private mutating func advance(to now: Double) {
    guard now >= began + RecentUse.window else { return }
    previous = now < began + 2 * RecentUse.window ? current : 0
    current = 0
    began = now
  }
}

/// How many bulk requests may be under way at once: one more for each round in which all went well, half as many as soon
/// as Elasticsearch is overloaded, as TCP finds its window. Pure.
struct ConcurrencyLimit: Sendable {
  let maximum: Int
  private var exact: Double
  /// Requests that began before this say nothing about the limit as it is now.
  private var changed: UInt64 = 0

  /// - Parameter maximum: at least 1; where it begins is in the middle.
  init(maximum: Int) {
    self.maximum = max(1, maximum)
    exact = Double((self.maximum + 1) / 2)
  }

  var current: Int { Int(exact) }

  /// A request has been answered, and the server took its time or not.
  ///
  /// - Parameters:
  ///   - isOverloaded: it was refused for want of capacity, not answered, or answered too slowly.
  ///   - begin: when it was sent, in nanoseconds of a monotonic clock.
  ///   - now: on the same clock.
  mutating func answered(isOverloaded: Bool, begin: UInt64, now: UInt64) {
    guard isOverloaded else {
      exact = min(Double(maximum), exact + 1 / exact)
      return
    }
    // All requests of a round complain at once: that is one complaint.
    guard begin >= changed else { return }
    exact = max(1, exact / 2)
    changed = now
  }
}

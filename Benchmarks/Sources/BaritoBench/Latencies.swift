/// How long answers took, in milliseconds.
struct Latencies: Sendable, Equatable {
  var p50: Double
  var p99: Double

  init(p50: Double, p99: Double) {
    self.p50 = p50
    self.p99 = p99
  }

  /// The value that so much of the answers came within (nearest rank).
  /// - Returns: nil when there was no answer.
  init?(_ durations: [Duration]) {
    guard !durations.isEmpty else { return nil }
    let sorted = durations.sorted()
    func rank(_ share: Double) -> Double {
      let place = Int((share * Double(sorted.count)).rounded(.up)) - 1
      return sorted[min(max(place, 0), sorted.count - 1)] / .milliseconds(1)
    }
    p50 = rank(0.5)
    p99 = rank(0.99)
  }
}

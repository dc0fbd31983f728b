import BaritoCore
import Testing

@Suite struct BackoffTests {
  /// Always the same bits: the smallest or the greatest choice. (No bits at all are rejected again and again.)
  struct FixedGenerator: RandomNumberGenerator {
    let bits: UInt64
    mutating func next() -> UInt64 { bits }
  }

  @Test("the longest wait doubles from the base to the cap and stays there")
  func ceilings() {
    let backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
    let ceilings = [-1, 0, 1, 2, 3, 4, 5, 1000, Int.max].map { backoff.ceiling($0) }
    #expect(ceilings == [100, 100, 200, 400, 800, 1000, 1000, 1000, 1000].map { Duration.milliseconds($0) })
  }

  @Test("the greatest cap does not overflow")
  func greatestCap() {
    let cap = Duration.seconds(60 * 60 * 24 * 365)
    #expect(Backoff(base: .nanoseconds(1), cap: cap).ceiling(.max) == cap)
  }

  @Test("a wait is anything between nothing and the ceiling, both reached")
  func jitter() {
    let backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
    var low = FixedGenerator(bits: 1 << 34)
    var high = FixedGenerator(bits: .max)
    #expect(backoff.delay(2, using: &low) == .zero)
    #expect(backoff.delay(2, using: &high) == .milliseconds(400))
    var random = SeededGenerator(seed: 3)
    let delays = (0..<1000).map { _ in backoff.delay(2, using: &random) }
    #expect(delays.allSatisfy { $0 >= .zero && $0 <= .milliseconds(400) })
    // Half of full jitter's waits are in the lower half; a jitter around the ceiling would have none there.
    #expect((400...600).contains(delays.count { $0 < .milliseconds(200) }))
  }
}

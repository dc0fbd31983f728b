/// A rate with a burst, in debt when a take was larger than what was there.
///
/// Anything passes while the bucket is not empty, so a batch larger than the burst is never stuck for ever: it is paid
/// back before the next one passes. The wait that a refusal names is exact: when it is over, a take succeeds.
struct TokenBucket: Sendable {
  /// Units per second.
  private(set) var rate: Double
  private(set) var burst: Double
  private var tokens: Double
  /// When `tokens` was true, in nanoseconds of a clock that does not go back.
  private var updated: UInt64

  /// - Parameter now: nanoseconds of a monotonic clock.
  init(rate: Int, burstSeconds: Int, now: UInt64) {
    self.rate = Double(rate)
    burst = Double(rate) * Double(burstSeconds)
    tokens = burst
    updated = now
  }

  /// Takes the new rate over from the next moment on; what was used stays used.
  mutating func setRate(_ rate: Int, burstSeconds: Int, now: UInt64) {
    guard Double(rate) != self.rate else { return }
    refill(now: now)
    self.rate = Double(rate)
    burst = Double(rate) * Double(burstSeconds)
    tokens = min(tokens, burst)
  }

  /// Nanoseconds until something may be taken; 0 when it may be now, the highest number when it never may.
  mutating func wait(now: UInt64) -> UInt64 {
    refill(now: now)
    guard tokens <= 0 else { return 0 }
    guard rate > 0 else { return .max }
    // Far below the highest number, whatever the debt.
    return UInt64(min(-tokens / rate * 1e9, 1e18)) + 1_000
  }

  /// Only after `wait` said 0. A negative amount gives back.
  mutating func take(_ amount: Int) { tokens = min(burst, tokens - Double(amount)) }

  private mutating func refill(now: UInt64) {
    guard now > updated else { return }
    tokens = min(burst, tokens + Double(now - updated) / 1e9 * rate)
    updated = now
  }
}

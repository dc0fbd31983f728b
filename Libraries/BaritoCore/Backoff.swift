/// How long to wait before trying again: exponential up to a cap, with full jitter, so that those who failed together do
/// not come back together.
public struct Backoff: Sendable, Equatable {
  /// The longest wait before the first retry; greater than zero.
  public let base: Duration
  /// The longest wait of all; at least `base`.
  public let cap: Duration

  public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(30)) {
    precondition(base > .zero && cap >= base, "a backoff needs 0 < base <= cap")
    self.base = base
    self.cap = cap
  }

  /// The longest wait after `attempt` failures have been waited for: `base`, twice that, four times, up to `cap`.
  ///
  /// - Parameter attempt: 0 for the first retry.
  public func ceiling(_ attempt: Int) -> Duration {
    var ceiling = base
    for _ in 0..<max(0, attempt) {
      // Compared before it is doubled: no attempt is too high, and nothing overflows.
      if ceiling >= cap / 2 { return cap }
      ceiling = ceiling * 2
    }
    return ceiling
  }

  /// A random wait between nothing and ``ceiling(_:)``.
  public func delay(_ attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
    let (seconds, attoseconds) = ceiling(attempt).components
    let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    return .nanoseconds(Int64.random(in: 0...nanoseconds, using: &random))
  }

  /// A random wait between nothing and ``ceiling(_:)``, from the system's random numbers.
  public func delay(_ attempt: Int) -> Duration {
    var random = SystemRandomNumberGenerator()
    return delay(attempt, using: &random)
  }
}

import FoundationEssentials

/// The two times that a service needs; tests give their own.
public struct ServiceClock: Sendable {
  private let wall: @Sendable () -> Int64
  private let monotonic: @Sendable () -> UInt64

  public init(wall: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> UInt64) {
    self.wall = wall
    self.monotonic = monotonic
  }

  /// Milliseconds since 1970, as the machine believes; may go back.
  public var wallMilliseconds: Int64 { wall() }

  /// Nanoseconds since some moment; never goes back.
  public var monotonicNanoseconds: UInt64 { monotonic() }

  public static let system: ServiceClock = {
    let start = ContinuousClock.now
    return ServiceClock {
      Int64(Date.now.timeIntervalSince1970 * 1000)
    } monotonic: {
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
  }()
}

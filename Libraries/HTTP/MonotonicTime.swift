internal import Glibc

/// Nanoseconds of the monotonic clock: as cheap as a clock gets, and atomics hold them.
///
/// Signed, because `Atomic<UInt64>.min` of Swift 6.3 compares as if it were.
enum MonotonicTime {
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return max(0, seconds) * 1_000_000_000 + max(0, attoseconds) / 1_000_000_000
  }
}

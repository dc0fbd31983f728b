internal import Glibc

/// Nanoseconds of the monotonic clock.
enum MonotonicTime {
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Duration {
  /// Never negative; the longest is a century, so that sums do not overflow.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return min(3_000_000_000, max(0, seconds)) * 1_000_000_000 + max(0, attoseconds) / 1_000_000_000
  }
}

import BaritoCore
import Synchronization

/// Holds each app to its lines and bytes per second. One per process.
final class IngestLimiter: Sendable {
  /// What a limit refused, in numbers for the person who meets it.
  struct Excess: Sendable, Equatable {
    enum Unit: String, Sendable { case lines, bytes }
    var unit: Unit
    /// Per second.
    var limit: Int
    /// After so long a batch of any size is taken, if nobody else of the app takes it first.
    var retryAfter: Duration
  }

  /// Lines of so many seconds may come at once.
  static let burstSeconds = 10

  private struct Buckets {
    var lines: TokenBucket?
    var bytes: TokenBucket?
  }

  private let buckets = Mutex<[AppID: Buckets]>([:])

  /// Takes the batch out of the app's budget, or says why not. All or nothing.
  /// - Parameter now: nanoseconds of a monotonic clock.
  func admit(_ app: AppProfile, lines: Int, bytes: Int, now: UInt64) -> Excess? {
    let limits = app.limits
    guard limits != .unlimited else { return nil }
    return buckets.withLock { buckets in
      var own = buckets[app.id] ?? Buckets()
      defer { buckets[app.id] = own }
      IngestLimiter.follow(limits.linesPerSecond, &own.lines, now)
      IngestLimiter.follow(limits.bytesPerSecond, &own.bytes, now)
      let waits = (lines: own.lines?.wait(now: now) ?? 0, bytes: own.bytes?.wait(now: now) ?? 0)
      if waits.lines > 0 || waits.bytes > 0 {
        return waits.lines >= waits.bytes
          ? Excess(unit: .lines, limit: limits.linesPerSecond ?? 0, retryAfter: .nanoseconds(waits.lines))
          : Excess(unit: .bytes, limit: limits.bytesPerSecond ?? 0, retryAfter: .nanoseconds(waits.bytes))
      }
      own.lines?.take(lines)
      own.bytes?.take(bytes)
      return nil
    }
  }

  /// Makes, changes or removes a bucket as the profile says now.
  private static func follow(_ rate: Int?, _ bucket: inout TokenBucket?, _ now: UInt64) {
    guard let rate else {
      bucket = nil
      return
    }
    if bucket == nil { bucket = TokenBucket(rate: rate, burstSeconds: burstSeconds, now: now) }
    bucket?.setRate(rate, burstSeconds: burstSeconds, now: now)
  }
}

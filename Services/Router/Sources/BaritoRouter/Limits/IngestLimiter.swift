import BaritoCore
import Synchronization

/// Holds each app, and each group as a whole, to its lines and bytes per second. One per process.
final class IngestLimiter: Sendable {
  /// What a limit refused, in numbers for the person who meets it.
  struct Excess: Sendable, Equatable {
    enum Unit: String, Sendable { case lines, bytes }
    enum Holder: String, Sendable { case app, group }
    var holder: Holder
    var unit: Unit
    /// Per second.
    var limit: Int
    /// After so long a batch of any size is taken, if nobody else takes it first; nil when that is never.
    var retryAfter: Duration?
  }

  /// Lines of so many seconds may come at once.
  static let burstSeconds = 10

  private enum Key: Hashable {
    case app(AppID)
    case group(ClusterName)
  }

  private struct Buckets {
    var lines: TokenBucket?
    var bytes: TokenBucket?

    /// Makes, changes or removes the buckets as the profile says now.
    mutating func follow(_ limits: IngestLimits, _ now: UInt64) {
      Buckets.follow(limits.linesPerSecond, &lines, now)
      Buckets.follow(limits.bytesPerSecond, &bytes, now)
    }

    /// The wait that is the longest; nil when there is none.
    mutating func excess(of holder: Excess.Holder, _ limits: IngestLimits, _ now: UInt64) -> (Excess, UInt64)? {
      let waits = (lines: lines?.wait(now: now) ?? 0, bytes: bytes?.wait(now: now) ?? 0)
      let wait = max(waits.lines, waits.bytes)
      guard wait > 0 else { return nil }
      let isLines = waits.lines >= waits.bytes
      let excess = Excess(
        holder: holder, unit: isLines ? .lines : .bytes,
        limit: (isLines ? limits.linesPerSecond : limits.bytesPerSecond) ?? 0,
        retryAfter: wait == .max ? nil : .nanoseconds(wait))
      return (excess, wait)
    }

    mutating func take(_ lineCount: Int, _ byteCount: Int) {
      lines?.take(lineCount)
      bytes?.take(byteCount)
    }

    private static func follow(_ rate: Int?, _ bucket: inout TokenBucket?, _ now: UInt64) {
      guard let rate else {
        bucket = nil
        return
      }
      if bucket == nil { bucket = TokenBucket(rate: rate, burstSeconds: burstSeconds, now: now) }
      bucket?.setRate(rate, burstSeconds: burstSeconds, now: now)
    }
  }

  private let buckets = Mutex<[Key: Buckets]>([:])

  /// Takes the batch out of the app's budget and its group's, or says why not. All or nothing.
  /// - Parameter now: nanoseconds of a monotonic clock.
  func admit(
    _ app: AppProfile, groupLimits: IngestLimits = .unlimited, lines: Int, bytes: Int, now: UInt64
  ) -> Excess? {
    guard app.limits != .unlimited || groupLimits != .unlimited else { return nil }
    return buckets.withLock { buckets in
      let keys = (Key.app(app.id), Key.group(app.clusterName))
      var own = buckets[keys.0] ?? Buckets()
      var shared = buckets[keys.1] ?? Buckets()
      own.follow(app.limits, now)
      shared.follow(groupLimits, now)
      let excesses = [
        own.excess(of: .app, app.limits, now), shared.excess(of: .group, groupLimits, now),
      ]
      let worst = excesses.compactMap { $0 }.max { $0.1 < $1.1 }
      if worst == nil {
        own.take(lines, bytes)
        shared.take(lines, bytes)
      }
      buckets[keys.0] = app.limits == .unlimited ? nil : own
      buckets[keys.1] = groupLimits == .unlimited ? nil : shared
      return worst?.0
    }
  }

  /// Gives a batch back that was taken out of the budgets and is not stored: its sender sends it again.
  func giveBack(_ app: AppProfile, lines: Int, bytes: Int) {
    buckets.withLock { buckets in
      for key in [Key.app(app.id), .group(app.clusterName)] { buckets[key]?.take(-lines, -bytes) }
    }
  }

  /// Forgets all apps and groups but these.
  func keep(_ apps: Set<AppID>, _ groups: Set<ClusterName>) {
    buckets.withLock { buckets in
      buckets = buckets.filter { entry in
        switch entry.key {
        case .app(let app): apps.contains(app)
        case .group(let group): groups.contains(group)
        }
      }
    }
  }

  /// Apps and groups that something is kept for.
  var count: Int { buckets.withLock { $0.count } }
}

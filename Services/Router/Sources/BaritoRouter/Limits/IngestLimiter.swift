import BaritoCore
import Synchronization

/// Holds each app, and each group as a whole, to its lines and bytes per second. One per process.
///
/// What belongs to whom is decided by `UnitBudget`; in short: an app's own limit is guaranteed to it, an app without one
/// is guaranteed its even share of what the group has left, and what is idle may be borrowed. Any batch passes while its
/// app's purse is open, so one that is larger than the burst is not stuck; it is paid back before the next.
///
/// A refusal is a promise (`RetryPromise`): its batch's size is set aside, and whoever sends it again at the time that
/// `retryAfter` says, or up to `RetryPromise.patience` later, is taken, whoever else came meanwhile. The bounds on what is
/// promised at once are there; beyond them the time is the best guess.
final class IngestLimiter: Sendable {
  /// Groups do not share anything, so they are not locked together.
  private final class Shard: Sendable {
    let groups = Mutex<[ClusterName: GroupBudget]>([:])
  }

  private let shards = (0..<16).map { _ in Shard() }
  private let routerCount = Atomic<Int>(1)

  /// How many Routers share the limits, this one included. Each takes its even part of them.
  var routers: Int { routerCount.load(ordering: .relaxed) }

  /// - Parameter routers: how many share the limits from now on.
  func share(among routers: Int) { routerCount.store(max(1, routers), ordering: .relaxed) }

  private func shard(of group: ClusterName) -> Shard {
    shards[Int(UInt(bitPattern: group.hashValue) % UInt(shards.count))]
  }

  /// Takes the batch out of the app's budget, or says why not. All or nothing. An app that absorbs is not promised
  /// anything, as its batch is taken all the same.
  /// - Parameters:
  ///   - now: nanoseconds of a monotonic clock.
  ///   - mark: tells the batch apart from others of its app that have the same size, and is the same when it is sent
  ///     again, such as a hash of the body and of the sender. Asked for only where the app is at its limit.
  func admit(
    _ app: AppProfile, groupLimits: IngestLimits = .unlimited, lines: Int, bytes: Int, now: UInt64,
    mark: @autoclosure () -> Int = 0
  ) -> Excess? {
    guard app.limits != .unlimited || groupLimits != .unlimited else { return nil }
    let terms = GroupBudget.Terms(
      app: app.id, own: app.limits, group: groupLimits, routers: routers, promises: app.overload != .absorb)
    let size = BatchSize(lines: lines, bytes: bytes)
    var verdict = admit(app.clusterName, terms, size, mark: nil, now: now)
    // The mark may take a while, so it is made while nobody waits for it.
    if verdict == .unclear { verdict = admit(app.clusterName, terms, size, mark: mark(), now: now) }
    guard case .refused(let excess) = verdict else { return nil }
    return excess
  }

  private func admit(
    _ group: ClusterName, _ terms: GroupBudget.Terms, _ size: BatchSize, mark: Int?, now: UInt64
  ) -> GroupBudget.Verdict {
    shard(of: group).groups.withLock { groups in
      groups[group, default: GroupBudget(terms, now: now)].admit(terms, size, mark: mark, now: now)
    }
  }

  /// Gives a batch back that was taken out of the budgets and is not stored: its sender sends it again.
  func giveBack(_ app: AppProfile, lines: Int, bytes: Int) {
    shard(of: app.clusterName).groups.withLock { groups in
      groups[app.clusterName]?.giveBack(app.id, BatchSize(lines: lines, bytes: bytes))
    }
  }

  /// Forgets all apps and groups but these, and those that have sent nothing for a while and owe nothing.
  /// - Parameter now: nanoseconds of a monotonic clock.
  func keep(_ apps: Set<AppID>, _ groups: Set<ClusterName>, now: UInt64) {
    for shard in shards {
      shard.groups.withLock { known in
        for name in Array(known.keys) {
          guard groups.contains(name) else {
            known[name] = nil
            continue
          }
          known[name]?.keep(apps)
          known[name]?.sweep(now)
          if known[name]?.count == 0 { known[name] = nil }
        }
      }
    }
  }

  /// Apps that something is kept for.
  var count: Int {
    shards.reduce(0) { sum, shard in sum + shard.groups.withLock { $0.values.reduce(0) { $0 + $1.count } } }
  }

  /// Batches that were told a time to come back at and have not yet.
  var promised: Int {
    shards.reduce(0) { sum, shard in sum + shard.groups.withLock { $0.values.reduce(0) { $0 + $1.outstanding } } }
  }
}

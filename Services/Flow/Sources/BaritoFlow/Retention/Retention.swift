import BaritoCore
import BaritoService
import Lifecycle
import Logging
import Metrics

/// Deletes each day's indices when their app's days are over: every hour, by the elected Flow alone.
///
/// It deletes on fresh knowledge only: with Market away nothing is deleted, and nothing before its answer was heard.
struct Retention: Service {
  let sweep: RetentionSweep
  let profiles: ProfileFeed
  let topics: TopicList
  let group: ClusterName?
  let unknownDays: Int?
  let election: Election
  let metrics: RetentionMetrics
  let clock: ServiceClock
  let logger: Logger
  var interval: Duration = .seconds(3_600)
  /// After the start, and after a round that could not be.
  var patience: Duration = .seconds(60)

  /// How old may be what is known of Market's profiles.
  static let freshness: Duration = .seconds(600)

  func run() async throws {
    var trouble = Trouble(began: "old indices cannot be deleted for now", ended: "old indices are deleted again")
    var isDone = false
    while !GracefulShutdown.current.isRequested {
      await sleepUntilGracefulShutdown((isDone ? interval : patience) * Double.random(in: 0.9...1.1))
      if GracefulShutdown.current.isRequested { return }
      isDone = false
      guard mayDelete else { continue }
      isDone = await round(&trouble)
    }
  }

  /// Whether this Flow is the one, and knows enough.
  var mayDelete: Bool { election.isElected && profiles.isCurrent(within: Retention.freshness) }

  /// - Returns: whether all that is due was deleted.
  private func round(_ trouble: inout Trouble) async -> Bool {
    let rules = RetentionRules(
      profiles.read { copy $0 }, naming: sweep.naming, group: group, topics: topics.current.topics,
      unknownDays: unknownDays)
    do {
      let plan = try await sweep.plan(rules, now: clock.wallMilliseconds)
      for list in plan.lists {
        if GracefulShutdown.current.isRequested { return false }
        try await sweep.delete(list)
        metrics.deleted.increment(by: list.count)
        logger.notice("old indices were deleted", ["indices": list.joined(separator: ",")])
      }
      trouble.ended()?.log(logger)
      return true
    } catch {
      metrics.errors.increment()
      trouble.began("\(error)")?.log(logger)
      return false
    }
  }
}

internal import Lifecycle
internal import Logging

/// Forgets what is over: usage older than a day, sessions that have ended, messages that were sent.
struct Housekeeping: Service {
  let database: Database
  let clock: @Sendable () -> Int64
  let metrics: MarketMetrics
  let logger: Logger

  private static let interval = Duration.seconds(600)

  func run() async throws {
    repeat {
      do {
        try await clean()
      } catch {
        metrics.housekeepingFailed()
        logger.warning("cannot forget what is over", ["error": "\(error)"])
      }
    } while await sleepUntilGracefulShutdown(Housekeeping.interval)
  }

  func clean() async throws {
    let now = clock()
    try await database.transaction { transaction in
      try await UsageStore(transaction).prune(now: now)
      try await SessionStore(transaction).prune()
      try await OutboxStore(transaction).prune()
    }
  }
}

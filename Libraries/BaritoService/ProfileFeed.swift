public import BaritoCore
import Curl
public import Lifecycle
public import Logging
import Synchronization

/// Keeps this service's profiles the same as Market's: long-polls the feed, applies what changed, keeps the last state on
/// disk.
///
/// Readers look into memory only. With Market away they see the last state, after a restart too (promise 4).
public final class ProfileFeed: Service {
  private let market: MarketClient
  private let snapshot: SnapshotFile?
  private let logger: Logger
  private let backoff = Backoff(base: .milliseconds(200), cap: .seconds(5))
  private let state = Mutex(FeedState())

  /// How long Market may hold a request until something changes.
  static let wait = 25
  /// Between two questions when nothing was new.
  static let shortestRound: Duration = .seconds(1)

  /// - Parameter snapshotPath: nil keeps nothing on disk.
  public init(market: MarketClient, snapshotPath: String?, logger: Logger) {
    self.market = market
    snapshot = snapshotPath.map { SnapshotFile(path: $0) }
    self.logger = logger
  }

  /// Looks into the profiles. Keep it short: the feed waits while somebody reads.
  public func read<Value: Sendable>(_ body: (borrowing ProfileDirectory) -> Value) -> Value {
    state.withLock { body($0.directory) }
  }

  /// Applies what was learned otherwise than by the feed, such as an app that Market made just now. The feed brings it
  /// again.
  public func learn(_ app: AppProfile) {
    state.withLock { $0.learn(app) }
  }

  /// Nil when profiles are there, else why not; for `Readiness`.
  public var unreadyReason: String? {
    state.withLock { $0.isComplete } ? nil : "no profiles yet: neither Market nor a snapshot has given all of them"
  }

  /// Loads the snapshot, before anything else starts. A snapshot that cannot be read is left alone and said.
  public func restore() async {
    do {
      guard let page = try await snapshot?.read() else { return }
      state.withLock { $0.restore(page) }
      logger.info("profiles restored from the snapshot", ["profiles.version": "\(page.version)"])
    } catch {
      logger.warning("the snapshot of profiles cannot be read, waiting for Market", ["error": "\(error)"])
    }
  }

  public func run() async throws {
    var failures = 0
    while !GracefulShutdown.current.isRequested {
      do {
        let asked = ContinuousClock.now
        let page = try await cancelWhenGracefulShutdown { [self] in try await next() }
        if failures > 0 { logger.notice("the profile feed is back", ["failures": "\(failures)"]) }
        failures = 0
        if await apply(page) == false {
          // An answer without news comes after a wait; one that comes at once must not be asked for in a tight loop.
          await sleepUntilGracefulShutdown(max(.zero, ProfileFeed.shortestRound - (.now - asked)))
        }
      } catch is CancellationError {
        return
      } catch {
        if GracefulShutdown.current.isRequested { return }
        if failures == 0 {
          logger.warning("the profile feed is away, going on with what is known", ["error": "\(error)"])
        }
        await sleepUntilGracefulShutdown(backoff.ceiling(failures) / 2 + backoff.delay(failures) / 2)
        failures += 1
      }
    }
  }

  private func next() async throws -> ProfilePage {
    let version = state.withLock { $0.version }
    return try await market.get(
      "\(InternalAPI.profilesPath)?after=\(version)&wait=\(ProfileFeed.wait)",
      timeout: .seconds(ProfileFeed.wait + 10))
  }

  /// - Returns: whether there was anything new in the page.
  private func apply(_ page: ProfilePage) async -> Bool {
    switch state.withLock({ $0.apply(page) }) {
    case .unchanged: return false
    case .partial: return true
    case .emptied:
      logger.error("Market knows no group at all any more, going on with what was known before")
      return true
    case .complete:
      await keep()
      return true
    }
  }

  private func keep() async {
    guard let snapshot else { return }
    // Sorted and written from a copy, while others read.
    let directory = state.withLock { $0.directory }
    do {
      try await snapshot.write(directory.snapshot)
    } catch {
      logger.warning("the snapshot of profiles cannot be written", ["error": "\(error)"])
    }
  }
}

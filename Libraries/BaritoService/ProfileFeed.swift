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
    state.withLock { $0.learn(ProfilePage(version: 0, apps: [app])) }
  }

  /// Nil when profiles are there, else why not; for `Readiness`.
  public var unreadyReason: String? {
    read { $0.version } > 0 ? nil : "no profiles yet: neither Market nor a snapshot has given any"
  }

  /// Loads the snapshot, before anything else starts. A snapshot that cannot be read is left alone and said.
  public func restore() async {
    do {
      guard let page = try await snapshot?.read() else { return }
      state.withLock { $0.learn(page) }
      logger.info("profiles restored from the snapshot", ["profiles.version": "\(page.version)"])
    } catch {
      logger.warning("the snapshot of profiles cannot be read, waiting for Market", ["error": "\(error)"])
    }
  }

  public func run() async throws {
    var failures = 0
    while !GracefulShutdown.current.isRequested {
      do {
        let page = try await cancelWhenGracefulShutdown { [self] in try await next() }
        if failures > 0 { logger.notice("the profile feed is back", ["failures": "\(failures)"]) }
        failures = 0
        await apply(page)
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
    let version = state.withLock { $0.rebuilt?.version ?? $0.directory.version }
    return try await market.get(
      "\(InternalAPI.profilesPath)?after=\(version)&wait=\(version == 0 ? 0 : ProfileFeed.wait)",
      timeout: .seconds(ProfileFeed.wait + 10))
  }

  private func apply(_ page: ProfilePage) async {
    let changed = state.withLock { $0.apply(page) }
    guard changed, let snapshot else { return }
    do {
      try await snapshot.write(read { $0.snapshot })
    } catch {
      logger.warning("the snapshot of profiles cannot be written", ["error": "\(error)"])
    }
  }
}

/// The directory that readers see, and beside it the one that is read anew when the feed went back.
struct FeedState {
  private(set) var directory = ProfileDirectory()
  /// Not nil while everything is read, for the first time or again.
  private(set) var rebuilt: ProfileDirectory?

  /// - Returns: whether readers see something new that is complete, and so worth keeping.
  mutating func apply(_ page: ProfilePage) -> Bool {
    if rebuilt == nil, directory.version == 0, page.more {
      // The first pages go by age of change, so an app may come before its group: nobody looks until all are there.
      rebuilt = ProfileDirectory()
    }
    if var fresh = rebuilt {
      fresh.apply(page)
      rebuilt = page.more ? fresh : nil
      if !page.more { directory = fresh }
      return !page.more
    }
    if page.version < directory.version {
      // Market was restored from a backup. What it knows is the truth, but readers keep what they have until all of it
      // has been read again.
      rebuilt = ProfileDirectory()
      return false
    }
    guard page.version > directory.version else { return false }
    directory.apply(page)
    return !page.more
  }

  /// Takes over what did not come by the feed.
  mutating func learn(_ page: ProfilePage) { directory.apply(page) }
}

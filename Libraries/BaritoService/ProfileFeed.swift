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
  private let instance: ServiceInstance?
  private let onRouters: @Sendable (Int) -> Void
  private let backoff = Backoff(base: .milliseconds(200), cap: .seconds(5))
  private let state = Mutex(FeedState())
  /// When Market last answered.
  private let heard = Mutex<ContinuousClock.Instant?>(nil)

  /// How long Market may hold a request until something changes.
  static let wait = 25
  /// Between two questions when nothing was new.
  static let shortestRound: Duration = .seconds(1)

  /// - Parameters:
  ///   - snapshotPath: nil keeps nothing on disk.
  ///   - instance: who this is, so that Market counts it; nil is not counted.
  ///   - onRouters: hears how many Routers there are, whenever that was told. Nothing is told while Market is away.
  public init(
    market: MarketClient, snapshotPath: String?, logger: Logger, instance: ServiceInstance? = nil,
    onRouters: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.market = market
    self.instance = instance
    self.onRouters = onRouters
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

  /// Whether readers see what Market says now, for what must not be done on old knowledge.
  /// - Parameter age: how long ago Market may have answered; it does so each half minute.
  public func isCurrent(within age: Duration) -> Bool {
    guard let heard = heard.withLock({ $0 }), ContinuousClock.now - heard <= age else { return false }
    return state.withLock { $0.isComplete && $0.rebuilt == nil }
  }

  /// Loads the snapshot, before anything else starts. A snapshot that cannot be read is left alone and said.
  public func restore() async {
    do {
      guard let page = try await snapshot?.read() else { return }
      onRouters(
        state.withLock { state in
          state.restore(page)
          return state.routers
        })
      logger.info("profiles restored from the snapshot", ["profiles.version": "\(page.version)"])
    } catch {
      logger.warning("the snapshot of profiles cannot be read, waiting for Market", ["error": "\(error)"])
    }
  }

  public func run() async throws {
    await follow()
    await leave()
  }

  /// How many Routers there are, as far as is known.
  public var routers: Int { state.withLock { $0.routers } }

  /// Says good-bye, so that the others take over at once what this one leaves. If nobody hears it, Market finds out.
  private func leave() async {
    guard let instance else { return }
    let path = InternalAPI.profiles(after: 0, wait: 0, from: instance, isLeaving: true)
    _ = try? await market.get(path, timeout: .seconds(1), as: ProfilePage.self)
  }

  private func follow() async {
    var failures = 0
    while !GracefulShutdown.current.isRequested {
      do {
        let asked = ContinuousClock.now
        let page = try await cancelWhenGracefulShutdown { [self] in try await next() }
        if failures > 0 { logger.notice("the profile feed is back", ["failures": "\(failures)"]) }
        failures = 0
        heard.withLock { $0 = .now }
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
    let (version, routers) = state.withLock { ($0.version, $0.routers) }
    return try await market.get(
      InternalAPI.profiles(
        after: version, wait: ProfileFeed.wait, from: instance, routers: instance == nil ? nil : routers),
      timeout: .seconds(ProfileFeed.wait + 10))
  }

  /// - Returns: whether there was anything new in the page.
  private func apply(_ page: ProfilePage) async -> Bool {
    let (outcome, routers) = state.withLock { state in (state.apply(page), state.routers) }
    onRouters(routers)
    switch outcome {
    case .unchanged: return false
    case .recounted:
      logger.notice("the number of Routers changed", ["routers": "\(routers)"])
      if unreadyReason == nil { await keep() }
      return false
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
    let known = state.withLock { $0 }
    do {
      try await snapshot.write(known.snapshot)
    } catch {
      logger.warning("the snapshot of profiles cannot be written", ["error": "\(error)"])
    }
  }
}

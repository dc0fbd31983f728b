import Dispatch
public import Logging
import Synchronization

/// Runs the services of a program together and ends them in order.
///
/// Services are listed dependencies first. They start in that order; when the group is to end, the hooks run (so that
/// `/readyz` turns false first), then each service is told to end and awaited before the one it depends on is told.
/// A service that throws or returns early ends the others too, and `run` throws its error.
public final class ServiceGroup: Sendable {
  public struct Member: Sendable {
    public var name: String
    public var service: any Service

    public init(_ name: String, _ service: some Service) {
      self.name = name
      self.service = service
    }
  }

  private let members: [Member]
  private let gracePeriod: Duration
  private let cancellationPeriod: Duration
  private let drainDelay: Duration
  private let logger: Logger
  private let hooks: [@Sendable () -> Void]
  private let onStuck: @Sendable () -> Void
  private let wish = GracefulShutdown()
  private let hasEnded = Atomic(false)

  /// - Parameters:
  ///   - services: dependencies first.
  ///   - gracePeriod: from the wish to end until everything that still runs is cancelled.
  ///   - cancellationPeriod: how long cancelled services may take before the process is ended.
  ///   - drainDelay: between the hooks and the first service told: time for a load balancer to notice.
  ///   - onShutdown: run first, in order; they must only flip flags.
  ///   - onStuck: called when services ignore their cancellation; ends the process.
  public init(
    services: [Member], gracePeriod: Duration = .seconds(30), cancellationPeriod: Duration = .seconds(5),
    drainDelay: Duration = .zero, logger: Logger, onShutdown: [@Sendable () -> Void] = [],
    onStuck: @escaping @Sendable () -> Void = { exitNow(1) }
  ) {
    self.members = services
    self.gracePeriod = gracePeriod
    self.cancellationPeriod = cancellationPeriod
    self.drainDelay = drainDelay
    self.logger = logger
    self.hooks = onShutdown
    self.onStuck = onStuck
  }

  /// Asks the group to end, as a signal does. Any thread; returns at once.
  public func trigger() { wish.request() }

  /// Whether the group was asked to end, or is ending by itself.
  public var isShuttingDown: Bool { wish.isRequested }

  private enum Event: Sendable {
    case plan(ShutdownPlan.Event, (any Error)?)
    case graceOver
    /// A wait ended because nobody needs it any more.
    case nothing
  }

  /// Runs until every service has ended; SIGTERM or SIGINT trigger the end, a second one ends the process at once.
  public func runUntilSignalled() async throws {
    let signals = ShutdownSignals { [self] in trigger() }
    defer { signals.cancel() }
    try await run()
  }

  /// Runs until every service has ended. Call it once.
  ///
  /// The end and the failure of each service are logged; the first failure is thrown as well.
  public func run() async throws {
    let shutdowns = members.map { _ in GracefulShutdown() }
    let clock = ContinuousClock()
    var plan = ShutdownPlan(services: members.count)
    var failure: (any Error)?
    var toldAt = clock.now

    await withTaskGroup(of: Event.self) { group in
      for (index, member) in members.enumerated() {
        group.addTask { await Self.run(member, index, shutdowns[index]) }
      }
      group.addTask { [wish] in
        await wish.wait()
        return wish.isRequested ? .plan(.requested, nil) : .nothing
      }
      if members.isEmpty { wish.request() }
      while plan.phase != .ended, let event = await group.next() {
        switch event {
        case .plan(let event, let error):
          if case .ended(let index) = event {
            let wasAsked = shutdowns[index].isRequested
            report(members[index].name, wasAsked: wasAsked, error, after: clock.now - toldAt)
            if failure == nil {
              failure = Self.failure(of: members[index].name, wasAsked: wasAsked, error)
            }
          }
          switch plan.handle(event) {
          case .nothing, .finish: break
          case .runHooks:
            wish.request()
            for hook in hooks { hook() }
            logger.info("shutting down", ["grace": "\(gracePeriod)"])
            group.addTask { [gracePeriod] in await Self.timer(gracePeriod, .graceOver) }
            group.addTask { [drainDelay] in await Self.timer(drainDelay, .plan(.drained, nil)) }
          case .tell(let index):
            toldAt = clock.now
            shutdowns[index].request()
          }
        case .graceOver:
          let names = plan.alive.sorted().map { members[$0].name }
          logger.warning("grace period is over, cancelling what still runs", ["services": names.joined(separator: ",")])
          failure = failure ?? ServiceGroupError(code: .graceExceeded, services: names)
          group.cancelAll()
          watchForStuckServices()
        case .nothing: break
        }
      }
      group.cancelAll()
    }
    hasEnded.store(true, ordering: .releasing)
    if let failure { throw failure }
  }

  private static func run(_ member: Member, _ index: Int, _ shutdown: GracefulShutdown) async -> Event {
    do {
      try await GracefulShutdown.$current.withValue(shutdown) { try await member.service.run() }
      return .plan(.ended(index), nil)
    } catch {
      return .plan(.ended(index), error)
    }
  }

  private static func timer(_ duration: Duration, _ event: Event) async -> Event {
    do { try await Task.sleep(for: duration) } catch { return .nothing }
    return event
  }

  /// A service that was asked to end may say so by a cancellation.
  private static func failure(of name: String, wasAsked: Bool, _ error: (any Error)?) -> (any Error)? {
    guard let error else { return wasAsked ? nil : ServiceGroupError(code: .endedEarly, services: [name]) }
    return wasAsked && error is CancellationError ? nil : error
  }

  private func report(_ name: String, wasAsked: Bool, _ error: (any Error)?, after duration: Duration) {
    var metadata = ["service": name]
    if wasAsked { metadata["duration"] = "\(duration)" }
    if let error = Self.failure(of: name, wasAsked: wasAsked, error) {
      metadata["error"] = "\(error)"
      logger.error("service failed", metadata)
    } else {
      logger.info("service stopped", metadata)
    }
  }

  /// On a thread of its own: services that ignore their cancellation may be blocking all of the concurrency pool.
  private func watchForStuckServices() {
    let delay = DispatchTimeInterval.milliseconds(Int(cancellationPeriod / .milliseconds(1)))
    DispatchQueue(label: "lifecycle.watchdog").asyncAfter(deadline: .now() + delay) { [self] in
      guard !hasEnded.load(ordering: .acquiring) else { return }
      logger.log(.critical, "services ignore their cancellation, ending the process")
      onStuck()
    }
  }
}

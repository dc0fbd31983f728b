import Synchronization

/// Whether a service may be sent work, and why not: named checks that the service answers itself.
public final class Readiness: Sendable {
  /// Nil when all is well, else the reason in a sentence. Asked at each look: it must not block.
  public typealias Check = @Sendable () -> String?

  private struct State {
    var checks: [(name: String, check: Check)] = []
    var isStopping = false
  }

  private let state = Mutex(State())

  public init() {}

  public func add(_ name: String, _ check: @escaping Check) { state.withLock { $0.checks.append((name, check)) } }

  /// From here on never ready again. The first thing at a stop, so that no new work comes while the old is finished.
  public func stop() { state.withLock { $0.isStopping = true } }

  /// Each check with its reason, nil where all is well.
  public var results: [(name: String, reason: String?)] {
    let (checks, isStopping) = state.withLock { ($0.checks, $0.isStopping) }
    let own: (name: String, reason: String?) = ("running", isStopping ? "the service is stopping" : nil)
    return [own] + checks.map { ($0.name, $0.check()) }
  }

  public var isReady: Bool { results.allSatisfy { $0.reason == nil } }
}

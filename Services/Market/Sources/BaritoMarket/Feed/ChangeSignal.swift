internal import Synchronization

/// Tells those who wait that something changed in the database.
final class ChangeSignal: Sendable {
  private struct State {
    var generation = 0
    var isListening = false
    var isEnded = false
    var waiters: [Int: AsyncStream<Never>.Continuation] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  /// How often to look when nobody listens, because the connection that does broke.
  static let lookInterval = Duration.milliseconds(500)

  /// Counts the changes: take it before you look, and wait for the next with it.
  var generation: Int { state.withLock { $0.generation } }

  /// Whether waiting makes no sense any more.
  var isEnded: Bool { state.withLock { $0.isEnded } }

  /// Whether changes are heard of, rather than looked for.
  var isListening: Bool { state.withLock { $0.isListening } }

  /// How many wait.
  var waiterCount: Int { state.withLock { $0.waiters.count } }

  /// Something changed, or may have.
  func fire() {
    wake { $0.generation += 1 }
  }

  /// Says whether changes are heard of. What was missed meanwhile counts as a change.
  func setListening(_ isListening: Bool) {
    wake {
      $0.isListening = isListening
      $0.generation += 1
    }
  }

  /// Lets everybody who waits go, for good: the service stops.
  func end() {
    wake { $0.isEnded = true }
  }

  /// Returns when something changed since `generation`, when the time is up, at the end, or when the task is cancelled;
  /// and, while nobody listens, soon.
  func wait(since generation: Int, timeout: Duration) async {
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    let registered: (id: Int, timeout: Duration)? = state.withLock { state in
      guard state.generation == generation, !state.isEnded else { return nil }
      state.next += 1
      state.waiters[state.next] = continuation
      return (state.next, state.isListening ? timeout : min(timeout, ChangeSignal.lookInterval))
    }
    guard let registered else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in stream {} }
      group.addTask { try? await Task.sleep(for: registered.timeout) }
      await group.next()
      group.cancelAll()
    }
    state.withLock { _ = $0.waiters.removeValue(forKey: registered.id) }
  }

  private func wake(_ change: (inout State) -> Void) {
    let waiters = state.withLock { state in
      change(&state)
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.finish() }
  }
}

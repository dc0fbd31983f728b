import Synchronization

/// Where batches that have ended are told of, for the one loop that stores their offsets.
final class FinishedBatches: Sendable {
  private struct State {
    var outcomes: [BatchOutcome] = []
    var waiting: AsyncStream<Never>.Continuation?
  }

  private let state = Mutex(State())

  func put(_ outcome: BatchOutcome) {
    let waiting = state.withLock { state in
      state.outcomes.append(outcome)
      return state.waiting.take()
    }
    waiting?.finish()
  }

  /// Those since the last call.
  func take() -> [BatchOutcome] {
    state.withLock { state in
      defer { state.outcomes = [] }
      return state.outcomes
    }
  }

  /// Waits until there is one to take.
  /// - Returns: whether there is, within the time.
  @discardableResult
  func wait(atMost limit: Duration) async -> Bool {
    await withTaskGroup { group in
      group.addTask { await self.wait() }
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
    return state.withLock { !$0.outcomes.isEmpty }
  }

  private func wait() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    let isReady = state.withLock { state in
      guard state.outcomes.isEmpty else { return true }
      state.waiting = continuation
      return false
    }
    if isReady { continuation.finish() }
    for await _ in stream {}
  }
}

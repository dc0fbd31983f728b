internal import Synchronization

/// Bytes of request bodies that may be in memory at once, handed out in the order they were asked for.
///
/// A request takes all it may need before its body is read, so that those admitted can always finish.
final class BodyBudget: Sendable {
  private struct State {
    var free: Int
    var taken = 0
    var waiting: [Waiter] = []
  }
  private struct Waiter {
    var bytes: Int
    var connection: HTTPConnection
  }

  private let state: Mutex<State>

  init(bytes: Int) { state = Mutex(State(free: bytes)) }

  /// Whether the bytes were granted. If not, `connection` is told by `admit()` when they are.
  func take(_ bytes: Int, for connection: HTTPConnection) -> Bool {
    state.withLock { state in
      // One that is larger than the whole budget goes alone.
      guard state.waiting.isEmpty, bytes <= state.free || state.taken == 0 else {
        state.waiting.append(Waiter(bytes: bytes, connection: connection))
        return false
      }
      state.free -= bytes
      state.taken += 1
      return true
    }
  }

  /// A request is over.
  func release(_ bytes: Int) { give(bytes, back: 1) }

  /// A request needs less than it took.
  func shrink(by bytes: Int) { give(bytes, back: 0) }

  private func give(_ bytes: Int, back requests: Int) {
    let admitted = state.withLock { state in
      state.free += bytes
      state.taken -= requests
      var admitted: [HTTPConnection] = []
      while let first = state.waiting.first, first.bytes <= state.free || state.taken == 0 {
        state.waiting.removeFirst()
        state.free -= first.bytes
        state.taken += 1
        admitted.append(first.connection)
      }
      return admitted
    }
    for connection in admitted { connection.admit() }
  }

  /// - Returns: whether the connection was still waiting.
  func withdraw(_ connection: HTTPConnection) -> Bool {
    state.withLock { state in
      let before = state.waiting.count
      state.waiting.removeAll { $0.connection === connection }
      return state.waiting.count < before
    }
  }
}

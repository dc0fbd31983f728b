import Lifecycle
import Synchronization

/// Counts the sessions that run, holds them to their limits, and ends them when the service stops.
final class Sessions: Service {
  private struct State {
    var users: [String: Int] = [:]
    var count = 0
    var isStopping = false
  }

  let maximum: Int
  let maximumPerUser: Int
  private let state = Mutex(State())

  /// How long sessions may take to say farewell.
  static let farewell: Duration = .seconds(5)

  init(maximum: Int, maximumPerUser: Int) {
    self.maximum = maximum
    self.maximumPerUser = maximumPerUser
  }

  var count: Int { state.withLock { $0.count } }

  /// Once true, each session ends by itself.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  /// - Returns: the session's place; it is free again when the slot is gone.
  func admit(_ user: String) throws(TailRefusal) -> SessionSlot {
    let refusal = state.withLock { state -> TailRefusal? in
      if state.isStopping { return TailRefusal(.stopping, "this instance is stopping: try again", retryAfter: 1) }
      if state.count >= maximum {
        return TailRefusal(
          .tooManySessions, "\(maximum) sessions run already on this instance: try again", retryAfter: 10)
      }
      if state.users[user, default: 0] >= maximumPerUser {
        return TailRefusal(
          .tooManySessionsOfUser, "you have \(maximumPerUser) sessions already: close one", retryAfter: 10)
      }
      state.count += 1
      state.users[user, default: 0] += 1
      return nil
    }
    if let refusal { throw refusal }
    return SessionSlot(self, user)
  }

  fileprivate func release(_ user: String) {
    state.withLock { state in
      state.count -= 1
      let left = state.users[user, default: 1] - 1
      state.users[user] = left > 0 ? left : nil
    }
  }

  func stop() { state.withLock { $0.isStopping = true } }

  func run() async {
    await GracefulShutdown.current.wait()
    stop()
    let deadline = ContinuousClock.now + Sessions.farewell
    // Polled: a stop is rare. Whoever does not read is cut off by the HTTP server after this.
    while count > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
  }
}

/// One session's place among those allowed.
final class SessionSlot: Sendable {
  private let sessions: Sessions
  private let user: String

  fileprivate init(_ sessions: Sessions, _ user: String) {
    self.sessions = sessions
    self.user = user
  }

  deinit { sessions.release(user) }
}

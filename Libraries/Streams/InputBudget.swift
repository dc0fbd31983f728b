internal import Synchronization

/// The unread bytes of all connections, and who waits for room.
final class InputBudget: Sendable {
  private struct State {
    var shares: InputShares
    var waiting: [UInt64: StreamConnection] = [:]
  }

  private let state: Mutex<State>

  init(bytes: Int) { state = Mutex(State(shares: InputShares(limit: bytes))) }

  var used: Int { state.withLock { $0.shares.used } }

  func settle(
    _ connection: StreamConnection, from old: Int, to new: Int, isWaitingForMore: Bool
  ) -> InputShares.Verdict {
    let (verdict, woken) = state.withLock { state in
      let (verdict, ids) = state.shares.settle(connection.id, from: old, to: new, isWaitingForMore: isWaitingForMore)
      let woken = ids.compactMap { state.waiting.removeValue(forKey: $0) }
      state.waiting[connection.id] = verdict == .wait ? connection : nil
      return (verdict, woken)
    }
    for connection in woken { connection.hasRoom() }
    return verdict
  }
}

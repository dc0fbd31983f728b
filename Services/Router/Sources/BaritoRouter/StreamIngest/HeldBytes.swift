import BaritoCore
import Synchronization

/// The bytes of batches that are not safe yet, over all connections of a listener.
final class HeldBytes: Sendable {
  /// Some bytes, given back when the last who holds this lets go of it.
  final class Hold: Sendable {
    private let owner: HeldBytes
    let bytes: Int
    private let app: AppID?

    fileprivate init(_ owner: HeldBytes, _ bytes: Int, _ app: AppID?) {
      self.owner = owner
      self.bytes = bytes
      self.app = app
    }

    deinit { owner.giveBack(bytes, app) }
  }

  private struct State {
    var shares: HeldShares
    var calls: [UInt64: @Sendable () -> Void] = [:]
    var lastID: UInt64 = 0
  }

  private let state: Mutex<State>

  init(limit: Int) { state = Mutex(State(shares: HeldShares(limit: limit))) }

  var used: Int { state.withLock { $0.shares.used } }

  /// A number of its own for a connection.
  func newID() -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// Whether a connection may begin a batch. When not, `hasRoom` is called once, on any thread, when it should ask again.
  func ask(_ id: UInt64, for app: AppID?, hasRoom: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      let isRoom = state.shares.ask(id, for: app)
      state.calls[id] = isRoom ? nil : hasRoom
      return isRoom
    }
  }

  func take(_ bytes: Int, of app: AppID?) -> Hold {
    state.withLock { $0.shares.take(bytes, of: app) }
    return Hold(self, bytes, app)
  }

  func leave(_ id: UInt64) {
    state.withLock { state in
      state.shares.leave(id)
      state.calls[id] = nil
    }
  }

  private func giveBack(_ bytes: Int, _ app: AppID?) {
    let calls = state.withLock { state in
      state.shares.giveBack(bytes, of: app).compactMap { state.calls.removeValue(forKey: $0) }
    }
    for call in calls { call() }
  }
}

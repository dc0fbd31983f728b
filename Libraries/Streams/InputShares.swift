/// Who may read on while the unread bytes of all connections are more than they should be.
///
/// Those that hold unread bytes wait, but for one: it has the turn, so that messages come to an end and memory is freed
/// even when every byte belongs to a message that is not whole.
struct InputShares {
  enum Verdict: Equatable {
    /// There is room.
    case free
    /// There is none, and this one may read on.
    case turn
    /// Do not read until asked to settle again.
    case wait
  }

  private(set) var used = 0
  private let limit: Int
  private var waiting: [UInt64] = []
  private var turn: UInt64?

  init(limit: Int) { self.limit = limit }

  /// Records how many bytes a connection holds now.
  ///
  /// - Parameters:
  ///   - isWaitingForMore: it holds bytes that only more bytes will make whole.
  /// - Returns: what it may do, and the connections that are to settle again, because they waited and need not now.
  mutating func settle(
    _ id: UInt64, from old: Int, to new: Int, isWaitingForMore: Bool
  ) -> (verdict: Verdict, woken: [UInt64]) {
    used += new - old
    if used <= limit {
      defer { waiting = [] }
      turn = nil
      return (.free, waiting.filter { $0 != id })
    }
    let isAsking = isWaitingForMore && new > 0
    if turn == id {
      if isAsking, new >= old { return (.turn, []) }
      turn = nil
    }
    if !isAsking {
      waiting.removeAll { $0 == id }
    } else if !waiting.contains(id) {
      waiting.append(id)
    }
    guard turn == nil, !waiting.isEmpty else { return (isAsking ? .wait : .free, []) }
    let next = waiting.removeFirst()
    turn = next
    if next == id { return (.turn, []) }
    return (isAsking ? .wait : .free, [next])
  }
}

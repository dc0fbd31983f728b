/// How a wait for an item ends.
enum LeaseOutcome<Item: Sendable>: Sendable {
  case granted(Item)
  case expired
  case cancelled
}

/// Who holds what and who is next, first come first served: the decisions of a pool, without its effects.
///
/// A ticket is drawn first and its continuation comes later; an outcome that is quicker than the continuation is kept for
/// it.
struct LeaseState<Item: Sendable> {
  typealias Continuation = CheckedContinuation<LeaseOutcome<Item>, Never>

  enum Request {
    case granted(Item)
    case wait(ticket: Int)
  }

  private enum Waiter {
    case drawn
    case waiting(Continuation)
    case settled(LeaseOutcome<Item>)
  }

  /// The item used last is lent first: its connection is the one most likely to be alive.
  private var idle: [Item]
  private var waiters: [Int: Waiter] = [:]
  private var queue: [Int] = []
  private var nextTicket = 0

  init(_ items: [Item]) { idle = items }

  mutating func request() -> Request {
    if let item = idle.popLast() { return .granted(item) }
    nextTicket += 1
    waiters[nextTicket] = .drawn
    queue.append(nextTicket)
    return .wait(ticket: nextTicket)
  }

  /// Returns the outcome if it is there already; else keeps the continuation.
  mutating func await(_ ticket: Int, _ continuation: Continuation) -> LeaseOutcome<Item>? {
    if case .settled(let outcome) = waiters[ticket] {
      waiters[ticket] = nil
      return outcome
    }
    waiters[ticket] = .waiting(continuation)
    return nil
  }

  /// Returns who is to be told that the item is theirs.
  mutating func giveBack(_ item: Item) -> Continuation? {
    guard !queue.isEmpty else {
      idle.append(item)
      return nil
    }
    return settle(queue.removeFirst(), .granted(item))
  }

  /// Returns who is to be told that there will be no item; nil if they have one.
  mutating func abandon(_ ticket: Int, _ outcome: LeaseOutcome<Item>) -> Continuation? {
    guard let place = queue.firstIndex(of: ticket) else { return nil }
    queue.remove(at: place)
    return settle(ticket, outcome)
  }

  private mutating func settle(_ ticket: Int, _ outcome: LeaseOutcome<Item>) -> Continuation? {
    guard case .waiting(let continuation) = waiters[ticket] else {
      waiters[ticket] = .settled(outcome)
      return nil
    }
    waiters[ticket] = nil
    return continuation
  }
}

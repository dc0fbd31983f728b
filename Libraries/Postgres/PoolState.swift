/// The decisions of a pool: who gets which connection, when to open another, when to give up. No effects, no clock.
///
/// A slot is a connection that is idle, leased, or being opened; there are at most `limit`.
struct PoolState<Connection: Sendable>: Sendable {
  /// The answer to somebody who wants a connection.
  enum Request: Sendable {
    /// Take this one. Give it back with `returned`.
    case lease(Connection)
    /// Open one: a slot is reserved. Report with `opened` or `openFailed`.
    case open
    /// Wait under this ticket for a `Grant`.
    case wait(ticket: Int)
    /// The database was out of reach a moment ago: do not try.
    case refuse(PostgresError)
  }

  /// What somebody who waited gets. Each ticket gets exactly one.
  enum Grant: Sendable {
    /// Take this one; the same as in `Request`.
    case lease(Connection)
    /// Open one; the same as in `Request`.
    case open
    /// There will be none.
    case refuse(PostgresError)
  }

  /// A grant and whose it is.
  struct Settlement: Sendable {
    let ticket: Int
    let grant: Grant
  }

  let limit: Int
  /// The last returned is the first reused, so that the others may grow old.
  private(set) var idle: [Connection] = []
  private(set) var leased = 0
  private(set) var opening = 0
  private(set) var waiting: [Int] = []
  private(set) var isClosed = false
  private var nextTicket = 0
  private var failures = 0
  /// No attempt before this time, with the error that the last attempt ended with.
  private var pause: (end: Duration, error: PostgresError)?

  init(limit: Int) {
    precondition(limit > 0, "a pool of \(limit) connections serves nobody")
    self.limit = limit
  }

  private static var closed: PostgresError { PostgresError(.closed, "the pool of database connections was closed") }

  /// Somebody wants a connection.
  /// - Parameter now: any monotonic time; the pauses after failures are measured with it.
  mutating func request(now: Duration) -> Request {
    if isClosed { return .refuse(Self.closed) }
    if let connection = idle.popLast() {
      leased += 1
      return .lease(connection)
    }
    if leased + opening < limit {
      if let pause, now < pause.end {
        // Those in use still work, so one of them may come back.
        if leased == 0 { return .refuse(pause.error) }
      } else {
        opening += 1
        return .open
      }
    }
    nextTicket += 1
    waiting.append(nextTicket)
    return .wait(ticket: nextTicket)
  }

  /// The connection that was to be opened is there, and leased to who opened it.
  /// - Returns: false when the pool was closed meanwhile: close the connection.
  mutating func opened() -> Bool {
    opening -= 1
    failures = 0
    pause = nil
    if isClosed { return false }
    leased += 1
    return true
  }

  /// The connection could not be opened. Pauses new attempts, from 50 ms doubling to 1 s.
  mutating func openFailed(_ error: PostgresError, now: Duration) -> [Settlement] {
    opening -= 1
    pause = (now + .milliseconds(50 << min(failures, 5)), error)
    if failures >= 5 { pause?.end = now + .seconds(1) }
    failures += 1
    // Somebody who holds a connection will return it; without one nobody would ever serve those who wait.
    if leased > 0 || opening > 0 { return [] }
    return settleAll(.refuse(error))
  }

  /// Who opened was cancelled, which says nothing about the database: another may try.
  mutating func openCancelled() -> [Settlement] {
    opening -= 1
    return offerSlot()
  }

  /// A leased connection comes back.
  /// - Parameter connection: nil when it broke or may not be reused; the caller closes it.
  /// - Returns: who gets it; when nobody does and the pool is closed, `keep` is false: close it.
  mutating func returned(_ connection: Connection?) -> (settlements: [Settlement], keep: Bool) {
    leased -= 1
    guard let connection else { return (offerSlot(), false) }
    if isClosed { return ([], false) }
    if waiting.isEmpty {
      idle.append(connection)
      return ([], true)
    }
    leased += 1
    return ([Settlement(ticket: waiting.removeFirst(), grant: .lease(connection))], true)
  }

  /// Somebody waits no longer.
  /// - Returns: false when the ticket was settled before.
  mutating func abandon(ticket: Int) -> Bool {
    guard let index = waiting.firstIndex(of: ticket) else { return false }
    waiting.remove(at: index)
    return true
  }

  /// Nobody gets anything any more. Leased connections are closed when they come back.
  mutating func close() -> (settlements: [Settlement], connections: [Connection]) {
    isClosed = true
    defer { idle = [] }
    return (settleAll(.refuse(Self.closed)), idle)
  }

  private mutating func offerSlot() -> [Settlement] {
    guard !isClosed, !waiting.isEmpty, leased + opening + idle.count < limit else { return [] }
    opening += 1
    return [Settlement(ticket: waiting.removeFirst(), grant: .open)]
  }

  private mutating func settleAll(_ grant: Grant) -> [Settlement] {
    defer { waiting = [] }
    return waiting.map { Settlement(ticket: $0, grant: grant) }
  }
}

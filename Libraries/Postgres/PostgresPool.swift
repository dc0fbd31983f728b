import Synchronization

/// Up to a number of connections, opened when needed and leased by closure.
///
/// A connection that broke is not leased again. When the database is out of reach the caller who notices gets the
/// error within the connect timeout, and for a short while, growing from 50 ms to 1 s, all others get it at once.
/// What a user changes in a session (`SET`, `LISTEN`, advisory locks) stays: undo it, or use a connection of your own.
public final class PostgresPool: Sendable {
  /// How connections are made.
  public let configuration: PostgresConfiguration
  private let acquireTimeout: Duration
  private let state: Mutex<State>
  private let start = ContinuousClock.now

  private struct State {
    var pool: PoolState<PostgresConnection>
    var waiters: [Int: CheckedContinuation<PoolState<PostgresConnection>.Grant, Never>] = [:]
    var early: [Int: PoolState<PostgresConnection>.Grant] = [:]
  }

  /// A pool without connections yet.
  /// - Parameters:
  ///   - limit: the most connections at a time.
  ///   - acquireTimeout: how long to wait for a connection when all are in use.
  public init(_ configuration: PostgresConfiguration, limit: Int = 8, acquireTimeout: Duration = .seconds(5)) {
    self.configuration = configuration
    self.acquireTimeout = acquireTimeout
    state = Mutex(State(pool: PoolState(limit: limit)))
  }

  /// Lends a connection for the length of `body`. It must not be kept.
  /// - Throws: what `body` throws; `poolTimedOut`, `connectionFailed`, `closed` or `cancelled` before it runs.
  public func withConnection<R>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
    let connection = try await acquire()
    do {
      let result = try await body(connection)
      await release(connection)
      return result
    } catch {
      await release(connection)
      throw error
    }
  }

  /// Runs `body` in a transaction on a lent connection: commits when it returns, rolls back when it throws or the task
  /// is cancelled.
  ///
  /// When the server asks for it (a serialization failure, a deadlock) rolls back and runs `body` again after a short
  /// random pause: `body` must do nothing but talk to the database.
  /// - Parameter attempts: how often at most; the last error is thrown.
  public func withTransaction<R>(
    isolation: TransactionIsolation = .readCommitted, attempts: Int = 5,
    _ body: (PostgresConnection) async throws -> R
  ) async throws -> R {
    var attempt = 1
    while true {
      do {
        return try await withConnection { try await $0.withTransaction(isolation: isolation, body) }
      } catch let error as PostgresError where error.isConflict && attempt < attempts {
        try await Task.sleep(for: .milliseconds(Int.random(in: 1...(5 << min(attempt, 5)))))
        attempt += 1
      }
    }
  }

  /// Runs one statement on any connection and returns its rows.
  public func query(_ sql: SQL) async throws -> PostgresResult {
    try await withConnection { try await $0.query(sql) }
  }

  /// Runs one statement on any connection and returns how many rows it inserted, updated or deleted.
  @discardableResult
  public func execute(_ sql: SQL) async throws -> Int { try await query(sql).affectedRows }

  /// Closes idle connections now and leased ones when they come back; who waits gets `closed`.
  public func close() async {
    let (settlements, connections) = state.withLock { $0.pool.close() }
    settle(settlements)
    for connection in connections { await connection.close() }
  }

  /// How busy the pool is.
  public var statistics: PostgresPoolStatistics {
    state.withLock {
      PostgresPoolStatistics(
        limit: $0.pool.limit, idle: $0.pool.idle.count, leased: $0.pool.leased, waiting: $0.pool.waiting.count)
    }
  }

  private func acquire() async throws(PostgresError) -> PostgresConnection {
    while true {
      if Task.isCancelled { throw .cancelled }
      switch state.withLock({ $0.pool.request(now: now) }) {
      case .lease(let connection): if let usable = await checked(connection) { return usable }
      case .open: return try await open()
      case .refuse(let error): throw error
      case .wait(let ticket):
        switch try await wait(ticket) {
        case .lease(let connection): if let usable = await checked(connection) { return usable }
        case .open: return try await open()
        case .refuse(let error): throw error
        }
      }
    }
  }

  /// The connection, or nil after its slot was given back because it broke while it was idle.
  private func checked(_ connection: PostgresConnection) async -> PostgresConnection? {
    if await connection.isUsable() { return connection }
    await discard(connection)
    return nil
  }

  private func open() async throws(PostgresError) -> PostgresConnection {
    let connection: PostgresConnection
    do throws(PostgresError) {
      connection = try await PostgresConnection.connect(configuration)
    } catch {
      settle(
        state.withLock {
          error.code == .cancelled ? $0.pool.openCancelled() : $0.pool.openFailed(error, now: now)
        })
      throw error
    }
    guard state.withLock({ $0.pool.opened() }) else {
      await connection.close()
      throw PostgresError(.closed, "the pool of database connections was closed")
    }
    return connection
  }

  private func release(_ connection: PostgresConnection) async {
    guard await connection.isReturnable() else { return await discard(connection) }
    let (settlements, keep) = state.withLock { $0.pool.returned(connection) }
    settle(settlements)
    if !keep { await connection.close() }
  }

  private func discard(_ connection: PostgresConnection) async {
    await connection.close()
    settle(state.withLock { $0.pool.returned(nil).settlements })
  }

  private typealias Grant = PoolState<PostgresConnection>.Grant

  private func wait(_ ticket: Int) async throws(PostgresError) -> Grant {
    let grant = await withTaskGroup(of: Void.self) { group in
      group.addTask { [self] in
        do {
          try await Task.sleep(for: acquireTimeout)
          abandon(
            ticket,
            PostgresError(
              .poolTimedOut,
              "no database connection became free within \(acquireTimeout): all \(statistics.limit) are in use. "
                + "Raise the limit of the pool, or find what holds them"))
        } catch {
          // Cancelled with the group when the wait is over, or from outside: end the wait in either case.
          abandon(ticket, .cancelled)
        }
      }
      let grant: Grant = await withCheckedContinuation { continuation in register(ticket, continuation) }
      group.cancelAll()
      return grant
    }
    return grant
  }

  /// A grant may have been made before anybody waits for it: tickets are given out under the lock, continuations not.
  private func register(_ ticket: Int, _ continuation: CheckedContinuation<Grant, Never>) {
    let early: Grant? = state.withLock {
      if let grant = $0.early.removeValue(forKey: ticket) { return grant }
      $0.waiters[ticket] = continuation
      return nil
    }
    if let early { continuation.resume(returning: early) }
  }

  private func abandon(_ ticket: Int, _ error: PostgresError) {
    let wasWaiting = state.withLock { $0.pool.abandon(ticket: ticket) }
    if wasWaiting { settle([.init(ticket: ticket, grant: .refuse(error))]) }
  }

  private func settle(_ settlements: [PoolState<PostgresConnection>.Settlement]) {
    for settlement in settlements {
      let continuation = state.withLock {
        let continuation = $0.waiters.removeValue(forKey: settlement.ticket)
        if continuation == nil { $0.early[settlement.ticket] = settlement.grant }
        return continuation
      }
      continuation?.resume(returning: settlement.grant)
    }
  }

  private var now: Duration { ContinuousClock.now - start }
}

/// How busy a pool is; for metrics.
public struct PostgresPoolStatistics: Sendable, Equatable {
  /// The most connections at a time.
  public let limit: Int
  /// Connections that wait for work.
  public let idle: Int
  /// Connections in use.
  public let leased: Int
  /// Callers that wait for a connection.
  public let waiting: Int

  public init(limit: Int, idle: Int, leased: Int, waiting: Int) {
    self.limit = limit
    self.idle = idle
    self.leased = leased
    self.waiting = waiting
  }
}

extension PostgresError {
  /// Whether the server asks to run the whole transaction again.
  fileprivate var isConflict: Bool { code == .serializationFailure || code == .deadlock }
}

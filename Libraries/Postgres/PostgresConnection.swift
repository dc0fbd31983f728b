import Blocking

/// One session with the database, on a thread of its own.
///
/// Statements run one after another. Who needs several in a row, or a transaction, must be the only user: lease a
/// connection from a `PostgresPool`.
public actor PostgresConnection {
  private nonisolated let executor: BlockingExecutor
  private nonisolated let waker: Waker
  private var session: Session?
  private var isInTransaction = false

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private init(waker: Waker) {
    executor = BlockingExecutor(label: "postgres.connection")
    self.waker = waker
  }

  /// Connects, or gives up at the connect timeout.
  /// - Throws: `connectionFailed`; `invalidRequest` for a malformed URL; `cancelled`.
  public static func connect(_ configuration: PostgresConfiguration) async throws(PostgresError) -> PostgresConnection {
    let connection = PostgresConnection(waker: try Waker())
    try await connection.cancellable { connection in
      await connection.perform { connection throws(PostgresError) in
        connection.session = try Session(configuration, waker: connection.waker)
      }
    }
    return connection
  }

  /// Runs a statement and returns its rows. Cancelling the task cancels the statement.
  public nonisolated func query(_ sql: SQL) async throws(PostgresError) -> PostgresResult {
    try await cancellable { connection in
      await connection.perform { connection throws(PostgresError) in
        PostgresResult(try connection.open().run(sql))
      }
    }
  }

  /// Runs a statement and returns how many rows it inserted, updated or deleted.
  @discardableResult
  public nonisolated func execute(_ sql: SQL) async throws(PostgresError) -> Int {
    try await query(sql).affectedRows
  }

  /// Runs any number of statements separated by semicolons, in one transaction unless they say otherwise.
  /// - Parameter script: text that this program itself holds, such as a migration; there are no values.
  public nonisolated func executeScript(_ script: String) async throws(PostgresError) {
    try await cancellable { connection in
      await connection.perform { connection throws(PostgresError) in try connection.open().runScript(script) }
    }
  }

  /// Receives what `NOTIFY channel` sends from now on.
  public nonisolated func listen(_ channel: String) async throws(PostgresError) {
    try await execute("LISTEN \(identifier: channel)")
  }

  /// Waits for the next notification of the channels listened to; nil when none came in time.
  ///
  /// Sleeps in `poll(2)` on the connection's own thread: other calls on this connection wait as long. Cancelling the
  /// task ends the wait at once.
  public nonisolated func waitForNotification(
    timeout: Duration
  ) async throws(PostgresError) -> PostgresNotification? {
    try await cancellable { connection in
      await connection.perform { connection throws(PostgresError) in
        try connection.open().waitForNotification(until: .now + timeout)
      }
    }
  }

  /// Ends the session. What is asked afterwards fails with `closed`.
  public func close() { session = nil }

  /// Whether the session may be used, as far as this end knows.
  public func isUsable() -> Bool { session?.isUsable == true }

  /// Whether the next user of the session finds it as new.
  func isReturnable() -> Bool { session?.isUsable == true && session?.isIdle == true && !isInTransaction }

  func begin(_ isolation: TransactionIsolation) throws(PostgresError) {
    guard !isInTransaction else {
      throw PostgresError(.invalidRequest, "a transaction cannot start: one is open on this connection already")
    }
    _ = try open().run("BEGIN ISOLATION LEVEL \(raw: isolation.rawValue)")
    isInTransaction = true
  }

  /// Not cancellable: a commit that was sent may have happened.
  func commit() throws(PostgresError) {
    isInTransaction = false
    let session = try open()
    guard session.isUsable else {
      throw PostgresError(.connectionLost, "the connection to the database broke in a transaction: nothing took effect")
    }
    guard !session.isIdle else {
      throw PostgresError(.transactionAborted, "a transaction cannot commit: a statement inside has ended it already")
    }
    let wasFailed = session.isFailed
    do {
      _ = try session.run("COMMIT", isCancellable: false)
    } catch  where error.code == .connectionLost {
      throw PostgresError(.outcomeUnknown, "the connection broke during COMMIT: the transaction may have taken effect")
    }
    // COMMIT of a failed transaction rolls back and reports success.
    if wasFailed {
      throw PostgresError(.transactionAborted, "a transaction was rolled back: a statement inside had failed")
    }
  }

  /// Ends the session when that is the only way to undo the transaction.
  func rollback() {
    isInTransaction = false
    guard let session else { return }
    do {
      if !session.isIdle { _ = try session.run("ROLLBACK", isCancellable: false) }
    } catch {
      self.session = nil
    }
  }

  private func open() throws(PostgresError) -> Session {
    guard let session else { throw PostgresError(.closed, "the connection to the database was closed") }
    return session
  }

  /// Runs on the connection's thread and makes a value of the error: the cancellation handler does not type it.
  private func perform<R: Sendable>(
    _ body: @Sendable (isolated PostgresConnection) throws(PostgresError) -> R
  ) -> Result<R, PostgresError> {
    do {
      return .success(try body(self))
    } catch {
      return .failure(error)
    }
  }

  private nonisolated func cancellable<R: Sendable>(
    _ body: (PostgresConnection) async -> Result<R, PostgresError>
  ) async throws(PostgresError) -> R {
    let result = await withTaskCancellationHandler {
      await body(self)
    } onCancel: {
      waker.wake()
    }
    return try result.get()
  }
}

/// What `NOTIFY` sent.
public struct PostgresNotification: Sendable, Equatable {
  /// The channel it was sent to.
  public let channel: String
  /// The text that came with it; empty if none did.
  public let payload: String

  public init(channel: String, payload: String) {
    self.channel = channel
    self.payload = payload
  }
}

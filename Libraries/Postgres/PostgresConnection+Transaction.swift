/// What a transaction sees of concurrent ones.
public enum TransactionIsolation: String, Sendable {
  /// Each statement sees what was committed before it.
  case readCommitted = "READ COMMITTED"
  /// All statements see what was committed before the first.
  case repeatableRead = "REPEATABLE READ"
  /// As if transactions ran one after another; any may fail with `serializationFailure` and be tried again.
  case serializable = "SERIALIZABLE"
}

extension PostgresConnection {
  /// Runs `body` in a transaction: commits when it returns, rolls back when it throws or the task is cancelled.
  ///
  /// Transactions do not nest, and while `body` runs nobody else may use this connection.
  /// - Throws: what `body` throws; `outcomeUnknown` when the connection breaks during COMMIT.
  public nonisolated func withTransaction<R>(
    isolation: TransactionIsolation = .readCommitted, _ body: (PostgresConnection) async throws -> R
  ) async throws -> R {
    try await begin(isolation)
    do {
      let result = try await body(self)
      if Task.isCancelled { throw PostgresError.cancelled }
      try await commit()
      return result
    } catch {
      await rollback()
      throw error
    }
  }
}

internal import Postgres

/// Market's PostgreSQL: the door through which every store goes.
public struct Database: Sendable {
  private let pool: PostgresPool

  /// - Parameter pool: leases connections to a migrated database.
  init(_ pool: PostgresPool) { self.pool = pool }

  /// Runs work in one transaction: all of it, or when it throws, nothing.
  func transaction<Result: Sendable>(
    _ work: @Sendable (Transaction) async throws -> Result
  ) async throws -> Result {
    try await pool.withTransaction { connection in try await work(Transaction(connection)) }
  }

  /// Runs work that may change what the data plane knows. Such transactions run one after the other: they take the row
  /// of the feed's version first, so that no two of them wait for each other in a circle.
  func profileChange<Result: Sendable>(
    _ work: @Sendable (Transaction) async throws -> Result
  ) async throws -> Result {
    try await transaction { transaction in
      try await transaction.execute("SELECT version FROM feed_version FOR UPDATE")
      return try await work(transaction)
    }
  }

  /// Runs work that sees the database as it is at one moment, and changes nothing.
  func snapshot<Result: Sendable>(
    _ work: @Sendable (Transaction) async throws -> Result
  ) async throws -> Result {
    try await transaction { transaction in
      try await transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
      return try await work(transaction)
    }
  }
}

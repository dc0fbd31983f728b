/// Brings the schema of a database up to date: forward only, each migration once and in a transaction of its own.
///
/// Any number of processes may run it at once: an advisory lock lets one work and the others find everything done.
/// What was applied is kept in the table `schema_migrations`, with a checksum of its text.
public struct Migrator: Sendable {
  /// The migrations in order.
  public let migrations: [Migration]

  /// Chosen once at random; every version of the program must use the same.
  private static let lock = 5_813_027_196_447_031_842

  /// - Throws: `migrationRefused` when a name has no number at its front, or two have the same.
  public init(_ migrations: [Migration]) throws(PostgresError) {
    var names: [Int: String] = [:]
    for migration in migrations {
      guard let number = migration.number else {
        throw PostgresError(
          .migrationRefused, "migration \(migration.name) has no number: names are like 0001_users")
      }
      if let other = names.updateValue(migration.name, forKey: number) {
        throw PostgresError(
          .migrationRefused, "migrations \(other) and \(migration.name) have the same number: give one another")
      }
    }
    self.migrations = migrations.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
  }

  /// Takes names and texts, as they come out of files.
  /// - Throws: `migrationRefused`; the same as for migrations.
  public init(_ files: [(name: String, sql: String)]) throws(PostgresError) {
    try self.init(files.map { Migration(name: $0.name, sql: $0.sql) })
  }

  /// Applies what is missing, on a connection of its own.
  /// - Parameter patience: how long one migration, or waiting for another process, may take.
  /// - Returns: the names that were applied, in order.
  /// - Throws: `migrationRefused`; a statement's error, after which earlier migrations stay applied and the one that
  ///   failed is undone.
  @discardableResult
  public func run(
    _ configuration: PostgresConfiguration, patience: Duration = .seconds(1800)
  ) async throws -> [String] {
    var configuration = configuration
    configuration.statementTimeout = patience
    let connection = try await PostgresConnection.connect(configuration)
    do {
      // The lock is of the session: it goes with the connection, however this ends.
      try await connection.execute("SELECT pg_advisory_lock(\(Self.lock)::bigint)")
      let names = try await apply(on: connection)
      await connection.close()
      return names
    } catch {
      await connection.close()
      throw error
    }
  }

  private func apply(on connection: PostgresConnection) async throws -> [String] {
    try await connection.executeScript(
      """
      CREATE TABLE IF NOT EXISTS schema_migrations (
        number bigint PRIMARY KEY, name text NOT NULL UNIQUE, checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now())
      """)
    let given = try await connection.query(
      """
      SELECT name, encode(sha256(convert_to(sql, 'UTF8')), 'hex') AS checksum
      FROM unnest(\(migrations.map(\.name))::text[], \(migrations.map(\.sql))::text[]) WITH ORDINALITY
        AS given (name, sql, position) ORDER BY position
      """)
    let applied = try await connection.query("SELECT name, checksum FROM schema_migrations ORDER BY number")
    let entries = try given.map(MigrationPlan.Entry.init)
    let plan = try MigrationPlan(given: entries, applied: try applied.map(MigrationPlan.Entry.init))
    for (migration, entry) in zip(migrations, entries) where plan.pending.contains(migration.name) {
      try await connection.withTransaction { connection in
        try await connection.executeScript(migration.sql)
        try await connection.execute(
          """
          INSERT INTO schema_migrations (number, name, checksum)
          VALUES (\(migration.number), \(migration.name), \(entry.checksum))
          """)
      }
    }
    return plan.pending
  }
}

extension MigrationPlan.Entry {
  fileprivate init(_ row: PostgresRow) throws(PostgresError) {
    name = try row["name"]
    checksum = try row["checksum"]
  }
}

import PostgresTesting
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct MigratorTests {
  private static let migrations = [
    Migration(name: "0001_apps", sql: "CREATE TABLE apps (id bigint PRIMARY KEY); INSERT INTO apps VALUES (1);"),
    Migration(name: "0002_names", sql: "ALTER TABLE apps ADD name text; UPDATE apps SET name = 'first';"),
  ]

  @Test("migrations run once and in the order of their numbers, however they are given")
  func once() async throws {
    try await withTemporaryDatabase { url in
      let configuration = PostgresConfiguration(url: url)
      let migrator = try Migrator(Self.migrations.reversed())
      #expect(try await migrator.run(configuration) == ["0001_apps", "0002_names"])
      #expect(try await migrator.run(configuration) == [])
      let more = try Migrator(Self.migrations + [Migration(name: "0010_more", sql: "DELETE FROM apps")])
      #expect(try await more.run(configuration) == ["0010_more"])
      #expect(try await migrator.run(configuration) == [], "an older program runs beside a newer schema")
    }
  }

  @Test("many that migrate at once apply each migration once")
  func concurrency() async throws {
    try await withTemporaryDatabase { url in
      let migrator = try Migrator(Self.migrations)
      let applied = try await withThrowingTaskGroup(of: [String].self) { group in
        for _ in 0..<8 { group.addTask { try await migrator.run(PostgresConfiguration(url: url)) } }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(applied == ["0001_apps", "0002_names"])
    }
  }

  @Test("a changed migration is refused and nothing is applied")
  func changed() async throws {
    try await withTemporaryDatabase(migrations: Self.migrations) { url in
      let changed = try Migrator([
        Self.migrations[0], Migration(name: "0002_names", sql: "SELECT 1"),
        Migration(name: "0003_more", sql: "DROP TABLE apps"),
      ])
      let error = await #expect(throws: PostgresError.self) { try await changed.run(PostgresConfiguration(url: url)) }
      #expect(error?.code == .migrationRefused)
      #expect(error?.description.contains("0002_names was changed") == true)
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      #expect(try await connection.query("SELECT * FROM apps").count == 1)
      await connection.close()
    }
  }

  @Test("a migration that fails leaves nothing of itself, and those before it stay")
  func failing() async throws {
    try await withTemporaryDatabase { url in
      let configuration = PostgresConfiguration(url: url)
      let broken = Migration(name: "0003_broken", sql: "CREATE TABLE half (id int); SELECT 1 / 0;")
      let error = await #expect(throws: PostgresError.self) {
        try await Migrator(Self.migrations + [broken]).run(configuration)
      }
      #expect(error?.sqlState == "22012")
      let connection = try await PostgresConnection.connect(configuration)
      #expect(try await connection.query("SELECT to_regclass('half') AS t").first?["t", as: String?.self] == .some(nil))
      await connection.close()
      let mended = Migration(name: "0003_broken", sql: "CREATE TABLE half (id int)")
      #expect(try await Migrator(Self.migrations + [mended]).run(configuration) == ["0003_broken"])
    }
  }

  @Test("names without a number, and numbers used twice, are refused")
  func names() {
    for names in [["apps"], ["0001_a", "0001_b"], ["1_a", "0001_b"], [""]] {
      let error = #expect(throws: PostgresError.self) {
        try Migrator(names.map { Migration(name: $0, sql: "") })
      }
      #expect(error?.code == .migrationRefused)
    }
  }

  @Test("a plan refuses what was renamed, removed or slipped in between")
  func plan() throws {
    func entries(_ names: String...) -> [MigrationPlan.Entry] { names.map { .init(name: $0, checksum: $0) } }
    #expect(try MigrationPlan(given: entries("1", "2", "3"), applied: entries("1")).pending == ["2", "3"])
    #expect(try MigrationPlan(given: entries("1"), applied: entries("1", "2")).pending == [])
    #expect(try MigrationPlan(given: [], applied: []).pending == [])
    for given in [entries("2", "3"), entries("1", "1b", "2"), entries("1", "3")] {
      #expect(throws: PostgresError.self) { try MigrationPlan(given: given, applied: entries("1", "2")) }
    }
  }
}

import Postgres
import PostgresTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct TemporaryDatabaseTests {
  private static let migrations = [Migration(name: "1_t", sql: "CREATE TABLE t (n int); INSERT INTO t VALUES (1)")]

  @Test("every test gets a database of its own, with the migrations applied")
  func apart() async throws {
    try await withTemporaryDatabase(migrations: Self.migrations) { first in
      try await withTemporaryDatabase(migrations: Self.migrations) { second in
        let one = PostgresPool(PostgresConfiguration(url: first))
        let other = PostgresPool(PostgresConfiguration(url: second))
        try await one.execute("INSERT INTO t VALUES (2)")
        #expect(try await one.query("SELECT * FROM t").count == 2)
        #expect(try await other.query("SELECT * FROM t").count == 1)
        await one.close()
        await other.close()
      }
    }
  }

  @Test("a database is dropped after its test, with somebody still connected and when the test fails")
  func dropped() async throws {
    struct Failed: Error {}
    var leaked: PostgresConnection?
    var name = ""
    await #expect(throws: Failed.self) {
      try await withTemporaryDatabase { url in
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
        name = try await connection.query("SELECT current_database() AS name")[0]["name"]
        leaked = connection
        throw Failed()
      }
    }
    try await withConnection { connection in
      let databases = try await connection.query("SELECT 1 FROM pg_database WHERE datname = \(name)")
      #expect(databases.isEmpty)
    }
    let connection = try #require(leaked)
    #expect(await !connection.isUsable())
  }
}

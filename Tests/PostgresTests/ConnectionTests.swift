import Postgres
import PostgresTesting
import Testing

@Suite struct ConnectionTests {
  @Test("a statement returns its rows by name", .timeLimit(.minutes(1)))
  func query() async throws {
    try await withTemporaryDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let rows = try await connection.query("SELECT n, 'row ' || n AS title FROM generate_series(1, \(3)) AS n")
      #expect(try rows.map { try $0["n", as: Int.self] } == [1, 2, 3])
      #expect(try rows.map { try $0["title", as: String.self] } == ["row 1", "row 2", "row 3"])
      #expect(rows.affectedRows == 3)
      await connection.close()
    }
  }
}

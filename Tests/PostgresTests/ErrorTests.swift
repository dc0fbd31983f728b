import Testing

@testable import Postgres

@Suite struct ErrorTests {
  @Test(
    "a SQLSTATE decides what to do",
    arguments: [
      ("40001", .serializationFailure, .retry), ("40P01", .deadlock, .retry), ("23505", .uniqueViolation, .reject),
      ("23503", .foreignKeyViolation, .reject), ("23514", .constraintViolation, .reject),
      ("57014", .statementTimedOut, .retry), ("57P01", .connectionLost, .retry), ("57P03", .unavailable, .retry),
      ("53300", .unavailable, .retry), ("25006", .unavailable, .retry), ("42601", .rejected, .reject),
      ("08006", .connectionLost, .retry),
    ] as [(String, PostgresError.Code, PostgresError.Disposition)])
  func classes(sqlState: String, code: PostgresError.Code, disposition: PostgresError.Disposition) {
    let error = PostgresError(PostgresError.Code(sqlState: sqlState), "a statement")
    #expect(error.code == code)
    #expect(error.disposition == disposition)
  }

  @Test("a configuration does not show its password, and a copy for another database keeps everything else")
  func configuration() throws {
    let configuration = PostgresConfiguration(url: "postgresql://me:p%40ss%2F@localhost:5433/one?sslmode=disable")
    #expect(!"\(configuration)".contains("p%40ss"))
    let other = try PostgresConfiguration(url: configuration.url(database: "t wo/?&")).parameters()
    #expect(
      other == [
        "user": "me", "password": "p@ss/", "host": "localhost", "port": "5433", "dbname": "t wo/?&",
        "sslmode": "disable",
      ])
    let error = #expect(throws: PostgresError.self) {
      try PostgresConfiguration(url: "postgresql://me:secret@[::1/x").parameters()
    }
    #expect(error?.disposition == .fatal)
    #expect(error?.description.contains("secret") == false)
  }
}

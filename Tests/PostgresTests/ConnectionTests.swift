import Postgres
import PostgresTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
  @Test("a statement returns its rows by name and position, or how many it changed")
  func query() async throws {
    try await withConnection { connection in
      let rows = try await connection.query("SELECT n, 'row ' || n AS title FROM generate_series(1, \(3)) AS n")
      #expect(try rows.map { try $0["n", as: Int.self] } == [1, 2, 3])
      #expect(try rows[2]["title"] == "row 3")
      try await connection.execute("CREATE TABLE t (n int)")
      #expect(try await connection.execute("INSERT INTO t SELECT generate_series(1, 5)") == 5)
      #expect(try await connection.execute("DELETE FROM t WHERE n = ANY(\([1, 2, 9]))") == 2)
      #expect(try await connection.query("SELECT n FROM t WHERE false").isEmpty)
    }
  }

  @Test("an injection attempt is data to the server too")
  func injection() async throws {
    try await withConnection { connection in
      try await connection.execute("CREATE TABLE t (v text)")
      for text in ["'); DROP TABLE t; --", "\\'; DROP TABLE t; --", "$1", "\"; DROP TABLE t; --"] {
        try await connection.execute("INSERT INTO t VALUES (\(text))")
        #expect(try await connection.query("SELECT v FROM t WHERE v = \(text)").first?["v", as: String.self] == text)
      }
      try await connection.execute("CREATE TABLE \(identifier: "a\"; DROP TABLE t; --") (v text)")
      #expect(try await connection.query("SELECT * FROM t").count == 4)
    }
  }

  @Test("an error says what kind it is and which constraint, and keeps values out of its description")
  func errors() async throws {
    try await withConnection { connection in
      try await connection.execute(
        "CREATE TABLE t (v text CONSTRAINT one_only UNIQUE CONSTRAINT short CHECK (v <> 'x'))")
      try await connection.execute("INSERT INTO t VALUES ('hunter2')")
      let twice = await #expect(throws: PostgresError.self) {
        try await connection.execute("INSERT INTO t VALUES (\("hunter2"))")
      }
      #expect(twice?.code == .uniqueViolation)
      #expect(twice?.sqlState == "23505")
      #expect(twice?.constraint == "one_only")
      #expect(twice?.serverDetail?.contains("hunter2") == true)
      #expect(twice?.description.contains("hunter2") == false)
      let check = await #expect(throws: PostgresError.self) {
        try await connection.execute("INSERT INTO t VALUES ('x')")
      }
      #expect(check?.code == .constraintViolation)
      #expect(check?.constraint == "short")
      let number = await #expect(throws: PostgresError.self) {
        try await connection.query("SELECT \("hunter2")::bigint")
      }
      #expect(number?.code == .rejected)
      #expect(number?.description.contains("hunter2") == false)
    }
  }

  @Test("a statement that takes too long is ended by the server, and the connection lives on")
  func statementTimeout() async throws {
    try await withTemporaryDatabase { url in
      var configuration = PostgresConfiguration(url: url)
      configuration.statementTimeout = .milliseconds(50)
      let connection = try await PostgresConnection.connect(configuration)
      let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT pg_sleep(60)") }
      #expect(error?.code == .statementTimedOut)
      #expect(error?.disposition == .retry)
      #expect(try await connection.query("SELECT 1 AS one").first?["one"] == 1)
      await connection.close()
    }
  }

  @Test("cancelling the task cancels its statement, and the connection lives on")
  func cancellation() async throws {
    try await withTemporaryDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let observer = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let task = Task { try await connection.query("SELECT pg_sleep(50)") }
      try await waitUntilRunning("SELECT pg_sleep(50)", observer)
      let start = ContinuousClock.now
      task.cancel()
      let error = await #expect(throws: PostgresError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(try await connection.query("SELECT 1 AS one").first?["one"] == 1)
      await connection.close()
      await observer.close()
    }
  }

  @Test("notifications arrive across connections, in order, and only for channels listened to")
  func notifications() async throws {
    try await withTemporaryDatabase { url in
      let listener = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let sender = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      try await listener.listen("Profiles \"x\"")
      try await sender.execute("SELECT pg_notify('other', 'unheard')")
      for number in 1...3 { try await sender.execute("SELECT pg_notify(\("Profiles \"x\""), \("é \(number)"))") }
      for number in 1...3 {
        let notification = try await listener.waitForNotification(timeout: .seconds(30))
        #expect(notification == PostgresNotification(channel: "Profiles \"x\"", payload: "é \(number)"))
      }
      #expect(try await listener.waitForNotification(timeout: .milliseconds(20)) == nil)

      async let waiting = listener.waitForNotification(timeout: .seconds(30))
      try await sender.execute("SELECT pg_notify(\("Profiles \"x\""), '')")
      #expect(try await waiting?.payload == "")
      await listener.close()
      await sender.close()
    }
  }

  @Test("cancelling the task ends its wait for notifications at once")
  func cancelledWait() async throws {
    try await withConnection { connection in
      try await connection.listen("never")
      let start = ContinuousClock.now
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await connection.waitForNotification(timeout: .seconds(50)) }
        group.cancelAll()
        let error = await #expect(throws: PostgresError.self) { try await group.waitForAll() }
        #expect(error?.code == .cancelled)
      }
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(await connection.isUsable())
    }
  }

  @Test("the end of the server ends a wait for notifications")
  func serverEndsDuringWait() async throws {
    try await withTemporaryDatabase { url in
      let listener = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let killer = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let pid = try #require(try await listener.query("SELECT pg_backend_pid() AS pid").first?["pid", as: Int.self])
      let waiting = Task { try await listener.waitForNotification(timeout: .seconds(50)) }
      try await killer.execute("SELECT pg_terminate_backend(\(pid))")
      let error = await #expect(throws: PostgresError.self) { try await waiting.value }
      #expect(error?.code == .connectionLost)
      #expect(error?.disposition == .retry)
      #expect(await listener.isUsable() == false)
      await killer.close()
    }
  }

  @Test("a server that is gone, or takes connections and says nothing, is an error to retry within the timeout")
  func unreachable() async throws {
    let silent = try LocalPort()
    let gone = try LocalPort()
    gone.close()
    for port in [gone.number, silent.number] {
      var configuration = PostgresConfiguration(url: "postgresql://127.0.0.1:\(port)/x?sslmode=disable")
      configuration.connectTimeout = .milliseconds(300)
      let start = ContinuousClock.now
      let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(configuration) }
      #expect(error?.code == .connectionFailed)
      #expect(error?.disposition == .retry)
      #expect(ContinuousClock.now - start < .seconds(10))
    }
    silent.close()
  }

  @Test("a closed connection says so")
  func closed() async throws {
    try await withConnection { connection in
      await connection.close()
      let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
      #expect(error?.code == .closed)
    }
  }

  @Test("notices of the server are not printed and not errors")
  func notices() async throws {
    try await withConnection { connection in
      try await connection.executeScript("DO $$ BEGIN RAISE NOTICE 'ignored'; END $$; DROP TABLE IF EXISTS nothing;")
    }
  }
}

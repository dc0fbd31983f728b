import Postgres
import PostgresTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct TransactionTests {
  private struct Refused: Error {}

  private static let migrations = [
    Migration(name: "1_counters", sql: "CREATE TABLE counters (name text PRIMARY KEY, n int NOT NULL)")
  ]

  private func withPool(_ body: (PostgresPool) async throws -> Void) async throws {
    try await withTemporaryDatabase(migrations: Self.migrations) { url in
      let pool = PostgresPool(PostgresConfiguration(url: url), limit: 4)
      try await body(pool)
      await pool.close()
    }
  }

  @Test("a transaction commits when its body returns")
  func commit() async throws {
    try await withPool { pool in
      let changed = try await pool.withTransaction { try await $0.execute("INSERT INTO counters VALUES ('a', 1)") }
      #expect(changed == 1)
      #expect(try await pool.query("SELECT * FROM counters").count == 1)
    }
  }

  @Test("a transaction rolls back when its body throws, and the connection is reused")
  func rollback() async throws {
    try await withPool { pool in
      await #expect(throws: Refused.self) {
        try await pool.withTransaction {
          try await $0.execute("INSERT INTO counters VALUES ('a', 1)")
          throw Refused()
        }
      }
      let counters = try await pool.query("SELECT * FROM counters")
      #expect(counters.isEmpty)
      #expect(pool.statistics == PostgresPoolStatistics(limit: 4, idle: 1, leased: 0, waiting: 0))
    }
  }

  @Test("a transaction rolls back when its task is cancelled, in a statement or between two")
  func cancelled() async throws {
    try await withPool { pool in
      let inside = Task {
        try await pool.withTransaction {
          try await $0.execute("INSERT INTO counters VALUES ('a', 1)")
          try await $0.execute("SELECT pg_sleep(51)")
        }
      }
      try await pool.withConnection { try await waitUntilRunning("SELECT pg_sleep(51)", $0) }
      inside.cancel()
      let error = await #expect(throws: PostgresError.self) { try await inside.value }
      #expect(error?.code == .cancelled)

      let after = Task {
        try await pool.withTransaction {
          try await $0.execute("INSERT INTO counters VALUES ('b', 1)")
          withUnsafeCurrentTask { $0?.cancel() }
        }
      }
      await #expect(throws: PostgresError.self) { try await after.value }
      let counters = try await pool.query("SELECT * FROM counters")
      #expect(counters.isEmpty)
      #expect(pool.statistics.leased == 0)
    }
  }

  @Test("a commit that rolled back because an error was dropped is an error")
  func droppedError() async throws {
    try await withPool { pool in
      let error = await #expect(throws: PostgresError.self) {
        try await pool.withTransaction { connection in
          try await connection.execute("INSERT INTO counters VALUES ('a', 1)")
          _ = try? await connection.execute("INSERT INTO counters VALUES ('a', 1)")
        }
      }
      #expect(error?.code == .transactionAborted)
      let counters = try await pool.query("SELECT * FROM counters")
      #expect(counters.isEmpty)
    }
  }

  @Test("a transaction inside another is refused")
  func nested() async throws {
    try await withPool { pool in
      let error = await #expect(throws: PostgresError.self) {
        try await pool.withTransaction { try await $0.withTransaction { _ in } }
      }
      #expect(error?.code == .invalidRequest)
      let alive = try await pool.query("SELECT 1 AS one")
      #expect(alive.count == 1)
    }
  }

  @Test("transactions that read and write the same row one after another all count")
  func serializationFailures() async throws {
    try await withPool { pool in
      try await pool.execute("INSERT INTO counters VALUES ('a', 0)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<10 {
              try await pool.withTransaction(isolation: .serializable, attempts: 200) { connection in
                let n = try await connection.query("SELECT n FROM counters WHERE name = 'a'")[0]["n", as: Int.self]
                try await connection.execute("UPDATE counters SET n = \(n + 1) WHERE name = 'a'")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await pool.query("SELECT n FROM counters")[0]["n"] == 40)
    }
  }

  @Test("a serialization failure is tried as often as allowed, then thrown")
  func attempts() async throws {
    try await withPool { pool in
      try await pool.execute("INSERT INTO counters VALUES ('a', 0)")
      for (attempts, succeeds) in [(2, false), (3, true)] {
        var runs = 0
        let run = {
          try await pool.withTransaction(isolation: .repeatableRead, attempts: attempts) { connection in
            runs += 1
            _ = try await connection.query("SELECT n FROM counters")
            // Somebody else changes the row after this transaction has seen it.
            if runs < 3 { try await pool.execute("UPDATE counters SET n = n + 1") }
            try await connection.execute("UPDATE counters SET n = 100")
          }
        }
        if succeeds {
          try await run()
        } else {
          let error = await #expect(throws: PostgresError.self) { try await run() }
          #expect(error?.code == .serializationFailure)
        }
        #expect(runs == attempts)
      }
    }
  }

  @Test("a connection that breaks inside a transaction is lost work to retry, not an unknown outcome")
  func broken() async throws {
    try await withPool { pool in
      let error = await #expect(throws: PostgresError.self) {
        try await pool.withTransaction { connection in
          try await connection.execute("INSERT INTO counters VALUES ('a', 1)")
          let pid = try await connection.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self]
          try await pool.execute("SELECT pg_terminate_backend(\(pid))")
          try await eventually { await !connection.isUsable() }
        }
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.disposition == .retry)
      let counters = try await pool.query("SELECT * FROM counters")
      #expect(counters.isEmpty)
    }
  }
}

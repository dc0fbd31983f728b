import Postgres
import PostgresTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct PoolTests {
  private func withPool(
    limit: Int, acquireTimeout: Duration = .seconds(30), _ body: (PostgresPool) async throws -> Void
  ) async throws {
    try await withTemporaryDatabase { url in
      let pool = PostgresPool(PostgresConfiguration(url: url), limit: limit, acquireTimeout: acquireTimeout)
      try await body(pool)
      await pool.close()
    }
  }

  @Test("many callers share a few connections")
  func limit() async throws {
    try await withPool(limit: 3) { pool in
      let pids = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<100 {
          group.addTask { try await pool.query("SELECT pg_backend_pid() AS pid, pg_sleep(0.001)")[0]["pid"] }
        }
        return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
      }
      #expect((1...3).contains(pids.count))
      #expect(pool.statistics.leased == 0)
      #expect(pool.statistics.waiting == 0)
      #expect(pool.statistics.idle == pids.count)
    }
  }

  @Test("who waits too long for a connection is told so")
  func acquireTimeout() async throws {
    try await withPool(limit: 1, acquireTimeout: .milliseconds(50)) { pool in
      try await pool.withConnection { _ in
        let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(error?.code == .poolTimedOut)
        #expect(error?.disposition == .retry)
        #expect(error?.description.contains("all 1 are in use") == true)
      }
      #expect(try await pool.query("SELECT 1 AS one").count == 1)
    }
  }

  @Test("a cancelled caller waits no longer")
  func cancelledWait() async throws {
    try await withPool(limit: 1) { pool in
      try await pool.withConnection { _ in
        let waiting = Task { try await pool.query("SELECT 1") }
        try await eventually { pool.statistics.waiting == 1 }
        waiting.cancel()
        let error = await #expect(throws: PostgresError.self) { try await waiting.value }
        #expect(error?.code == .cancelled)
      }
      #expect(pool.statistics == PostgresPoolStatistics(limit: 1, idle: 1, leased: 0, waiting: 0))
    }
  }

  @Test("connections that the server ended, idle or in use, are replaced")
  func broken() async throws {
    try await withPool(limit: 2) { pool in
      let idle = try await pool.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self]
      try await terminate(idle, of: pool)
      let next = try await pool.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self]
      #expect(next != idle)

      let error = await #expect(throws: PostgresError.self) {
        try await pool.withConnection { connection in
          let pid = try await connection.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self]
          try await terminate(pid, of: pool)
          try await connection.execute("SELECT 1")
        }
      }
      #expect(error?.code == .connectionLost)
      #expect(try await pool.query("SELECT 1 AS one").count == 1)
      #expect(pool.statistics.leased == 0)
    }
  }

  /// Ends a session from outside of the pool and waits until it is gone.
  private func terminate(_ pid: Int, of pool: PostgresPool) async throws {
    let killer = try await PostgresConnection.connect(pool.configuration)
    try await killer.execute("SELECT pg_terminate_backend(\(pid))")
    try await eventually { try await killer.query("SELECT 1 FROM pg_stat_activity WHERE pid = \(pid)").isEmpty }
    await killer.close()
  }

  @Test("a connection returned inside a transaction is not lent again")
  func openTransaction() async throws {
    try await withPool(limit: 1) { pool in
      try await pool.withConnection { try await $0.executeScript("BEGIN; CREATE TABLE t (n int)") }
      #expect(pool.statistics.idle == 0)
      #expect(try await pool.query("SELECT to_regclass('t') AS t")[0]["t", as: String?.self] == nil)
    }
  }

  @Test("a server that is gone is an error to retry, for all callers, within the connect timeout")
  func unreachable() async throws {
    let silent = try LocalPort()
    var configuration = PostgresConfiguration(url: "postgresql://127.0.0.1:\(silent.number)/x?sslmode=disable")
    configuration.connectTimeout = .milliseconds(300)
    let pool = PostgresPool(configuration, limit: 2, acquireTimeout: .seconds(50))
    let start = ContinuousClock.now
    await withTaskGroup(of: PostgresError?.self) { group in
      for _ in 0..<10 {
        group.addTask {
          do {
            _ = try await pool.query("SELECT 1")
            return nil
          } catch { return error as? PostgresError }
        }
      }
      for await error in group {
        #expect(error?.code == .connectionFailed)
        #expect(error?.disposition == .retry)
      }
    }
    #expect(ContinuousClock.now - start < .seconds(10))
    await pool.close()
    silent.close()
  }

  @Test("a closed pool refuses callers, also those who wait, and closes what comes back")
  func close() async throws {
    try await withTemporaryDatabase { url in
      let pool = PostgresPool(PostgresConfiguration(url: url), limit: 1, acquireTimeout: .seconds(30))
      try await pool.withConnection { connection in
        let waiting = Task { try await pool.query("SELECT 1") }
        try await eventually { pool.statistics.waiting == 1 }
        await pool.close()
        let error = await #expect(throws: PostgresError.self) { try await waiting.value }
        #expect(error?.code == .closed)
        #expect(try await connection.query("SELECT 1 AS one").count == 1, "who has one may finish")
      }
      #expect(pool.statistics.idle == 0)
      let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
      #expect(error?.code == .closed)
    }
  }
}

public import Postgres

/// Lends a new database for the length of `body` and drops it afterwards, whoever is still connected.
///
/// The server is the one of the environment variable `BARITO_TEST_POSTGRES` (the URL of a superuser on this machine),
/// or else a private one that starts with the first use and ends with this process. Databases with the same
/// migrations are copies of one template: the first takes seconds, the others some tens of milliseconds.
/// - Parameters:
///   - migrations: applied before `body` runs.
///   - body: gets the URL of the database, for a superuser.
public func withTemporaryDatabase<R>(
  migrations: [Migration] = [], _ body: (String) async throws -> R
) async throws -> R {
  let database = try await TestServer.shared.makeDatabase(migrations)
  let result: Result<R, any Error>
  do {
    result = .success(try await body(database.url))
  } catch {
    result = .failure(error)
  }
  // Unstructured so that a cancelled test drops its database too.
  try await Task {
    _ = try await database.server.admin.execute("DROP DATABASE \(identifier: database.name) WITH (FORCE)")
  }.value
  return try result.get()
}

import Glibc
import Postgres

/// The server that the tests of this process share: named by `BARITO_TEST_POSTGRES`, or private.
actor TestServer {
  static let shared = TestServer()

  /// What everybody awaits; made by the first who asks.
  private var server: Task<Server, any Error>?
  private var templates: [String: Task<String, any Error>] = [:]
  private var count = 0

  struct Server: Sendable {
    let configuration: PostgresConfiguration
    let admin: PostgresPool
    /// Templates stay until the server ends, so only our own gets any.
    let isPrivate: Bool
  }

  /// Makes a database with `migrations` applied and returns its URL.
  func makeDatabase(_ migrations: [Migration]) async throws -> (name: String, url: String, server: Server) {
    let server = try await running()
    let name = nextName("test")
    if server.isPrivate && !migrations.isEmpty {
      let template = try await template(migrations, on: server)
      _ = try await server.admin.execute("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
    } else {
      _ = try await server.admin.execute("CREATE DATABASE \(identifier: name) TEMPLATE template0")
    }
    let url = try server.configuration.url(database: name)
    if !server.isPrivate { _ = try await Migrator(migrations).run(PostgresConfiguration(url: url)) }
    return (name, url, server)
  }

  private func nextName(_ purpose: String) -> String {
    count += 1
    return "barito_\(purpose)_\(getpid())_\(count)_\(String(UInt32.random(in: 0 ... .max), radix: 16))"
  }

  private func running() async throws -> Server {
    if let server { return try await server.value }
    // Unstructured because all tests wait for the same start, and the first must not cancel it for the others.
    let starting = Task { try await Self.start() }
    server = starting
    return try await starting.value
  }

  private static func start() async throws -> Server {
    let external = getenv("BARITO_TEST_POSTGRES").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    let url: String
    if let external { url = external } else { url = try await PrivateCluster.start() }
    let configuration = PostgresConfiguration(url: url)
    try TestHost.check(configuration)
    let admin = PostgresPool(configuration, limit: 2, acquireTimeout: .seconds(60))
    return Server(configuration: configuration, admin: admin, isPrivate: external == nil)
  }

  private func template(_ migrations: [Migration], on server: Server) async throws -> String {
    let key = migrations.map { "\($0.name)\u{0}\($0.sql)" }.joined(separator: "\u{0}")
    if let making = templates[key] { return try await making.value }
    let name = nextName("template")
    // Unstructured for the same reason.
    let making = Task {
      _ = try await server.admin.execute("CREATE DATABASE \(identifier: name) TEMPLATE template0")
      try await Migrator(migrations).run(PostgresConfiguration(url: server.configuration.url(database: name)))
      return name
    }
    templates[key] = making
    return try await making.value
  }
}

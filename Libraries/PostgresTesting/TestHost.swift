import Glibc
import Postgres

/// Tests create and drop databases: never on a server of somebody else.
enum TestHost {
  /// - Throws: `ClusterError` unless every host is this machine.
  static func check(_ configuration: PostgresConfiguration) throws {
    let parameters = try configuration.parameters()
    // What the URL leaves out, libpq takes from the environment.
    let named = [parameters["host"] ?? environment("PGHOST"), parameters["hostaddr"] ?? environment("PGHOSTADDR")]
    let hosts = named.compactMap { $0 }.flatMap { $0.split(separator: ",") }
    for host in hosts where !isLocal(host) {
      throw ClusterError(
        description: "tests refuse the PostgreSQL server on \(host): BARITO_TEST_POSTGRES must name this machine")
    }
    guard parameters["service"] == nil, environment("PGSERVICE") == nil else {
      throw ClusterError(description: "tests refuse a service name in BARITO_TEST_POSTGRES: its host cannot be checked")
    }
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  static func isLocal(_ host: some StringProtocol) -> Bool {
    host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@")
      || ["localhost", "127.0.0.1", "::1"].contains(String(host))
  }
}

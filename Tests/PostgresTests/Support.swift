import Glibc
import Postgres
import PostgresTesting
import Testing

/// A connection to a new database, closed afterwards.
func withConnection(_ body: (PostgresConnection) async throws -> Void) async throws {
  try await withTemporaryDatabase { url in
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
    try await body(connection)
    await connection.close()
  }
}

/// Waits until the server runs `statement` for somebody.
func waitUntilRunning(_ statement: String, _ observer: PostgresConnection) async throws {
  try await eventually {
    try await !observer.query(
      "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = \(statement)"
    ).isEmpty
  }
}

/// Waits for a condition, for up to 30 seconds.
func eventually(_ condition: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(30)
  while try await !condition() {
    try #require(ContinuousClock.now < deadline, "the condition never came true")
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// A listening socket on the loopback that nobody accepts from.
struct LocalPort {
  let number: UInt16
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isListening)
    number = address.sin_port.bigEndian
  }

  func close() { _ = Glibc.close(descriptor) }
}

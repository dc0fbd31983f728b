import Postgres
import Testing

@testable import PostgresTesting

@Suite struct TestHostTests {
  @Test(
    "this machine is accepted",
    arguments: [
      "postgresql://postgres@localhost/postgres", "postgresql://127.0.0.1:5433/x", "postgresql://[::1]/x",
      "host=/tmp/socket dbname=x", "host=localhost,127.0.0.1",
    ])
  func local(url: String) throws { try TestHost.check(PostgresConfiguration(url: url)) }

  @Test(
    "any other host is refused",
    arguments: [
      "postgresql://db.example.org/x", "postgresql://10.0.0.1/x", "host=localhost,db.example.org",
      "host=localhost hostaddr=10.0.0.1", "service=production", "postgresql:///x?host=db",
    ])
  func remote(url: String) {
    #expect(throws: (any Error).self) { try TestHost.check(PostgresConfiguration(url: url)) }
  }
}

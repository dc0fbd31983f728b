import BaritoCore
import BaritoService
import Testing

@testable import BaritoRouter

@Suite struct CredentialsTests {
  private static let cases: [([String: String], Credentials)] = [
    ([:], .none),
    (["x-app-secret": "s"], .app(SecretHash(of: "s"))),
    (["x-app-secret": ""], .none),
    (["x-app-secret": "s", "x-app-group-secret": "g", "x-app-name": "n"], .app(SecretHash(of: "s"))),
    (["x-app-secret": "", "x-app-group-secret": "g", "x-app-name": "n"], .group(SecretHash(of: "g"), appName: "n")),
    (["x-app-group-secret": "g"], .nameMissing),
    (["x-app-group-secret": "g", "x-app-name": ""], .nameMissing),
    (["x-app-name": "n"], .none),
    (["authorization": "Bearer s"], .app(SecretHash(of: "s"))),
    (["authorization": "bearer   s"], .app(SecretHash(of: "s"))),
    (["authorization": "Basic s"], .unreadable),
    (["authorization": "Basic dXNlcg=="], .unreadable),
    (["authorization": "Basic dXNlcjo="], .unreadable),
    (["authorization": "Basic dXNlcjpwOnc="], .basic(user: "user", SecretHash(of: "p:w"))),
    (["authorization": "basic OnM="], .basic(user: "", SecretHash(of: "s"))),
    (["authorization": "ApiKey aWQ6cw"], .basic(user: "id", SecretHash(of: "s"))),
    (["authorization": "Digest s"], .unreadable),
    (["authorization": "Bearer"], .unreadable),
    (["authorization": "Bearer a b"], .unreadable),
    (["authorization": ""], .none),
    (["authorization": "Bearer b", "x-app-secret": "s"], .app(SecretHash(of: "s"))),
  ]

  @Test("a sender is known by its headers", arguments: cases)
  func credentials(headers: [String: String], expected: Credentials) {
    #expect(Credentials { headers[$0.lowercased()] } == expected)
  }
}

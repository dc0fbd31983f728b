import Testing

@testable import BaritoRouter

@Suite struct CredentialsTests {
  private static let cases: [([String: String], Credentials)] = [
    ([:], .none),
    (["x-app-secret": "s"], .app(secret: "s")),
    (["x-app-secret": ""], .none),
    (["x-app-secret": "s", "x-app-group-secret": "g", "x-app-name": "n"], .app(secret: "s")),
    (["x-app-secret": "", "x-app-group-secret": "g", "x-app-name": "n"], .group(secret: "g", appName: "n")),
    (["x-app-group-secret": "g"], .nameMissing),
    (["x-app-group-secret": "g", "x-app-name": ""], .nameMissing),
    (["x-app-name": "n"], .none),
    (["authorization": "Bearer s"], .app(secret: "s")),
    (["authorization": "bearer   s"], .app(secret: "s")),
    (["authorization": "Basic s"], .none),
    (["authorization": "Bearer"], .none),
    (["authorization": "Bearer a b"], .none),
    (["authorization": "Bearer b", "x-app-secret": "s"], .app(secret: "s")),
  ]

  @Test("a sender is known by its headers", arguments: cases)
  func credentials(headers: [String: String], expected: Credentials) {
    #expect(Credentials { headers[$0.lowercased()] } == expected)
  }
}

import BaritoCore
import HTTP
import Testing

@testable import BaritoMarket

@Suite struct AccountTests {
  private let password = "four unrelated words"

  @Test("the link of the first administrator works once, whoever tries at the same time")
  func firstAdministrator() async throws {
    try await MarketHarness.run { market in
      let accounts = market.services.accounts
      let link = try #require(try await accounts.makeFirstAdministratorLink())
      let other = try #require(try await accounts.makeFirstAdministratorLink())
      #expect(try await accounts.isFirstAdministratorLink(link))
      let made = await withTaskGroup(of: String?.self) { tasks in
        for number in 0..<6 {
          tasks.addTask {
            try? await accounts.makeFirstAdministrator(
              link: number % 2 == 0 ? link : other, name: "admin\(number)", password: password)
          }
        }
        return await tasks.reduce(into: [String]()) { if let token = $1 { $0.append(token) } }
      }
      #expect(made.count == 1)
      let session = try await market.services.authenticator.session(cookie: made.first)
      #expect(session?.principal.user.isSuperadmin == true)
      #expect(try await accounts.makeFirstAdministratorLink() == nil)
      #expect(try await !accounts.isFirstAdministratorLink(link))
      #expect(try await !accounts.isFirstAdministratorLink(other))
    }
  }

  @Test("signing in says the same for a wrong password and an unknown name, and is throttled by account and address")
  func signIn() async throws {
    try await MarketHarness.run { market in
      let accounts = market.services.accounts
      let link = try #require(try await accounts.makeFirstAdministratorLink())
      _ = try await accounts.makeFirstAdministrator(link: link, name: "Ada", password: password)
      let token = try await accounts.signIn(name: "ada", password: password, peer: "::1")
      let session = try #require(try await market.services.authenticator.session(cookie: token))
      let wrong = MarketError(.unauthenticated, "The name or the password is wrong.")
      await #expect(throws: wrong) { try await accounts.signIn(name: "nobody", password: password, peer: "::1") }
      for _ in 0..<10 {
        await #expect(throws: wrong) { try await accounts.signIn(name: "ADA", password: "wrong", peer: "::1") }
      }
      let throttled = await #expect(throws: MarketError.self) {
        try await accounts.signIn(name: "ada", password: password, peer: "::1")
      }
      #expect(throttled?.code == .throttled)
      #expect(throttled?.retryAfter == 900)
      _ = try await accounts.signIn(name: "ada", password: password, peer: "10.0.0.1")
      market.time.advance(seconds: 901)
      _ = try await accounts.signIn(name: "ada", password: password, peer: "::1")
      try await accounts.signOut(session)
      #expect(try await market.services.authenticator.session(cookie: token) == nil)
    }
  }

  @Test("a deactivated user's sessions and tokens end at once")
  func deactivated() async throws {
    try await MarketHarness.run { market in
      let admin = try await market.user("admin", isSuperadmin: true)
      let accounts = market.services.accounts
      let (bob, link) = try await accounts.createUser(name: "bob", isSuperadmin: false, by: admin)
      let session = try await accounts.setPassword(link: link, password: password)
      await #expect(throws: MarketError.self) { try await accounts.setPassword(link: link, password: password) }
      let token = try await market.token(Principal(user: bob))
      #expect(try await market.call("GET", "/api/v1/me", token: token).status == 200)
      try await accounts.setDeactivated(true, user: bob.id, by: admin)
      #expect(try await market.services.authenticator.session(cookie: session) == nil)
      #expect(try await market.call("GET", "/api/v1/me", token: token).status == 401)
      await #expect(throws: MarketError.self) { try await accounts.signIn(name: "bob", password: password, peer: "x") }
      await #expect(throws: MarketError.self) {
        try await accounts.setDeactivated(true, user: admin.user.id, by: admin)
      }
    }
  }

  @Test("a revoked token is refused, and says nothing of why")
  func revoked() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let made = try await market.services.accounts.createToken(name: "ci", scopes: [.read], by: ada)
      #expect(try await market.call("GET", "/api/v1/me", token: made.value).status == 200)
      #expect(try await market.services.accounts.tokens(of: ada).first?.lastUsedAt != nil)
      let eve = try await market.user("eve")
      await #expect(throws: MarketError.self) { try await market.services.accounts.revokeToken(made.id, by: eve) }
      try await market.services.accounts.revokeToken(made.id, by: ada)
      let answer = try await market.call("GET", "/api/v1/me", token: made.value)
      #expect(answer.status == 401)
      #expect(answer.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
    }
  }

  @Test("the platform's own account makes tokens again and again, and never signs in")
  func systemToken() async throws {
    try await MarketHarness.run { market in
      _ = try await market.services.accounts.createSystemToken(name: "a", scopes: [.admin])
      let token = try await market.services.accounts.createSystemToken(name: "b", scopes: [.admin]).value
      let me = try await market.call("GET", "/api/v1/me", token: token)
      #expect(me.json["user"]?.text == "system")
      #expect(try await market.call("GET", "/api/v1/groups/none", token: token).status == 404)
      #expect(try await market.services.accounts.makeFirstAdministratorLink() != nil)
    }
  }
}

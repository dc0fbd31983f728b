internal import BaritoCore

/// Finds out who asks.
public struct Authenticator: Sendable {
  private let database: Database
  private let serviceToken: String
  /// How browsers keep their session.
  public let cookie: SessionCookie

  init(database: Database, serviceToken: String, cookie: SessionCookie) {
    self.database = database
    self.serviceToken = serviceToken
    self.cookie = cookie
  }

  /// Who holds an API token.
  /// - Parameter authorization: the header, as sent.
  /// - Throws: `unauthenticated` when there is none, or it is not known.
  public func principal(authorization: String?) async throws -> Principal {
    guard let token = Authenticator.bearer(authorization) else {
      throw MarketError(
        .unauthenticated,
        "The request carries no token. Send the header Authorization: Bearer, followed by an API token.")
    }
    guard let principal = try await principal(token: token) else {
      throw MarketError(
        .unauthenticated, "The API token is not known, or was revoked. Make a new one on the account page.")
    }
    return principal
  }

  /// - Parameter token: in clear.
  /// - Returns: nil when it is not known.
  public func principal(token: String) async throws -> Principal? {
    guard token.utf8.count <= 256 else { return nil }
    let hash = Token.hash(token)
    return try await database.transaction { try await TokenStore($0).principal(hash) }
  }

  /// Who is signed in.
  /// - Parameter cookie: the value of the session's cookie.
  public func session(cookie: String?) async throws -> Session? {
    guard let token = cookie, !token.isEmpty, token.utf8.count <= 256 else { return nil }
    let hash = Token.hash(token)
    guard let user = try await database.transaction({ try await SessionStore($0).user(hash) }) else { return nil }
    return Session(principal: Principal(user: user), token: token)
  }

  /// Whether the header carries the token that our services share; compared in constant time.
  public func isService(authorization: String?) -> Bool {
    guard let token = Authenticator.bearer(authorization) else { return false }
    return Token.equal(token, serviceToken)
  }

  /// The token of `Bearer <token>`; the scheme's case does not matter.
  static func bearer(_ authorization: String?) -> String? {
    guard let authorization, let space = authorization.firstIndex(of: " "),
      authorization[..<space].lowercased() == "bearer"
    else { return nil }
    let token = authorization[authorization.index(after: space)...].drop { $0 == " " }
    return token.isEmpty ? nil : String(token)
  }
}

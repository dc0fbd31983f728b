internal import Cryptography

/// A browser that is signed in.
public struct Session: Sendable {
  /// Whose it is.
  public var principal: Principal
  /// The cookie's value.
  let token: String

  /// What every form of the session carries, and every change must bring: it cannot be made without the cookie, which
  /// other sites cannot read.
  public var csrfToken: String { Session.csrfToken(for: token) }

  /// Whether a form brought the token of this session; compared in constant time.
  public func accepts(csrfToken: String?) -> Bool { csrfToken.map { Token.equal($0, self.csrfToken) } ?? false }

  static func csrfToken(for token: String) -> String {
    Base64URL.encode(HMAC.sha256(key: Array(token.utf8), message: Array("barito csrf".utf8)))
  }
}

/// The cookie that holds a session's token.
public struct SessionCookie: Sendable {
  /// False only where Market is served on loopback without TLS.
  public var isSecure: Bool

  public init(isSecure: Bool) { self.isSecure = isSecure }

  /// With the prefix `__Host-` no other host and no path can set it.
  public var name: String { isSecure ? "__Host-barito_session" : "barito_session" }

  /// The `Set-Cookie` that signs a browser in.
  /// - Parameter lifetime: in seconds.
  public func set(_ token: String, lifetime: Int) -> String { "\(name)=\(token); Max-Age=\(lifetime)\(attributes)" }

  /// The `Set-Cookie` that signs it out.
  public var clear: String { "\(name)=; Max-Age=0\(attributes)" }

  private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "") }
}

import HTTP

/// One page, form or stream: how it is reached, who may ask for it, what it does. The server's routes are made of these,
/// and tests walk them.
struct WebRoute: Sendable {
  enum Audience: Sendable {
    case anyone
    /// Who is not signed in is sent to do so, and comes back. What is allowed is for the policy to say.
    case signedIn
  }

  /// `GET` or `POST`. A `POST` is taken only with the token of the form that it comes from.
  var method: String
  /// With the names of its parameters in braces.
  var path: String
  var audience = Audience.signedIn
  /// The page to come back to after signing in: for a form the one that it stands on.
  var page: @Sendable (HTTPRequest) -> String = { $0.target }
  var handle: @Sendable (WebCall) async throws -> HTTPResponse

  /// Always the same page.
  static func at(_ path: String) -> @Sendable (HTTPRequest) -> String { { _ in path } }
  static let home = at(MarketRoutes.myApps)

  static func get(
    _ path: String, _ audience: Audience = .signedIn, page: @escaping @Sendable (HTTPRequest) -> String = { $0.target },
    _ handle: @escaping @Sendable (WebCall) async throws -> HTTPResponse
  ) -> WebRoute {
    WebRoute(method: "GET", path: path, audience: audience, page: page, handle: handle)
  }

  static func post(
    _ path: String, _ audience: Audience = .signedIn, page: @escaping @Sendable (HTTPRequest) -> String,
    _ handle: @escaping @Sendable (WebCall) async throws -> HTTPResponse
  ) -> WebRoute {
    WebRoute(method: "POST", path: path, audience: audience, page: page, handle: handle)
  }
}

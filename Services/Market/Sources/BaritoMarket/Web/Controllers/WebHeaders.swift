import Cryptography
import HTTP

/// What all answers of pages carry.
enum WebHeaders {
  /// Nothing but our own files, and no script or style inside a page.
  static let contentSecurityPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    + "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  static func secured(_ response: HTTPResponse, _ call: WebCall) -> HTTPResponse {
    secured(response).with("X-Request-Id", call.requestID)
  }

  static func secured(_ response: HTTPResponse) -> HTTPResponse {
    var response = response
    response.headers["Content-Security-Policy"] = contentSecurityPolicy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    // What a page shows is for one person at one moment; assets say otherwise themselves.
    if !response.headers.contains("Cache-Control") { response.headers["Cache-Control"] = "no-store" }
    return response
  }

  /// Whether a program asks, which reads problem documents.
  static func wantsJSON(_ request: HTTPRequest) -> Bool {
    let accept = request.headers["Accept"] ?? ""
    return !accept.contains("text/html") && accept.contains("json")
  }

  /// Whether a browser asks.
  static func wantsHTML(_ request: HTTPRequest) -> Bool { request.headers["Accept"]?.contains("text/html") == true }
}

/// Tells one request from all others.
enum RequestID {
  static func make() -> String { Base64URL.encode(randomBytes(9)) }
}

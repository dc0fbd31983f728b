/// What is answered to a request.
public struct HTTPResponse: Sendable {
  public enum Body: Sendable {
    case bytes([UInt8])
    /// Written piece by piece while the client reads. The body ends when the closure returns; when it throws, the
    /// connection is cut, so that the client sees that something is missing.
    case stream(@Sendable (HTTPBodyWriter) async throws -> Void)
    /// A stream without an end of its own, such as server-sent events. When the server drains, its task is cancelled
    /// and the body ends properly, so that the client comes back elsewhere.
    case endless(@Sendable (HTTPBodyWriter) async throws -> Void)
  }

  public var status: Int
  /// `Date`, `Content-Length`, `Transfer-Encoding` and `Connection` are the server's business.
  public var headers: HTTPHeaders
  public var body: Body

  public init(status: Int = 200, headers: HTTPHeaders = [:], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Plain text in UTF-8.
  public static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    .of(Array(text.utf8), "text/plain; charset=utf-8", status)
  }

  /// JSON that is already written.
  public static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    .of(bytes, "application/json", status)
  }

  /// An HTML page in UTF-8.
  public static func html(_ page: String, status: Int = 200) -> HTTPResponse {
    .of(Array(page.utf8), "text/html; charset=utf-8", status)
  }

  /// An error as RFC 9457 wants it.
  public static func problem(_ problem: ProblemDocument) -> HTTPResponse {
    var headers = problem.headers
    headers["Content-Type"] = "application/problem+json"
    return HTTPResponse(status: problem.status, headers: headers, body: .bytes(problem.jsonBytes))
  }

  /// Sends the client elsewhere; 303 makes it a GET, which is right after a form.
  public static func redirect(to location: String, status: Int = 303) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Location": location])
  }

  /// No body at all.
  public static func empty(_ status: Int = 204) -> HTTPResponse { HTTPResponse(status: status) }

  /// Server-sent events: an endless body that nothing on the way may buffer.
  public static func events(_ body: @escaping @Sendable (HTTPBodyWriter) async throws -> Void) -> HTTPResponse {
    HTTPResponse(
      headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"],
      body: .endless(body))
  }

  /// A copy with one header more.
  public func with(_ name: String, _ value: String) -> HTTPResponse {
    var copy = self
    copy.headers.add(name, value)
    return copy
  }

  private static func of(_ bytes: [UInt8], _ type: String, _ status: Int) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Content-Type": type], body: .bytes(bytes))
  }

  /// The bytes of an answer that is written past the library, on a connection that closes after it.
  var wireBytes: [UInt8] {
    guard case .bytes(let body) = body else { return [] }
    var head =
      "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\nConnection: close\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers.pairs { head += "\(name): \(value)\r\n" }
    return Array((head + "\r\n").utf8) + body
  }
}

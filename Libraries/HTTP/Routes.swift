/// Which handler serves which method and path.
///
/// A pattern is a path whose parts are literal, `{name}` for any one part, or at its end `{name...}` for all that is
/// left. Literal parts win over placeholders, whatever the order of registration. What no pattern matches is answered
/// with 404, a method that is not there with 405 and `Allow`; HEAD is answered from GET.
public struct Routes: Sendable {
  public typealias Intake = @Sendable (HTTPRequest) -> HTTPIntake
  public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse
  public typealias BodyHandler = @Sendable (HTTPRequest, [UInt8]) async throws -> HTTPResponse

  private var tree = RouteTree()
  private var fallback: Intake = { request in
    .refuse(.problem(ProblemDocument(status: 404, code: "not_found", detail: "There is nothing at \(request.path).")))
  }

  /// Turns what a handler threw into an answer. The default answers a `ProblemDocument` as it is, cancellation with
  /// 503, all else with 500 and no detail.
  public var errorMapper: @Sendable (any Error) -> HTTPResponse = Routes.defaultErrorMapper

  /// Called once for every request that ended, on the server's thread: it must not block.
  public var onFinish: (@Sendable (FinishedExchange) -> Void)?

  public init() {}

  /// Serves a method and pattern with an intake, which runs on the server's thread: the way of hot paths.
  public mutating func on(_ method: String, _ pattern: String, _ intake: @escaping Intake) {
    tree.add(method, pattern, intake)
  }

  /// Serves GET and HEAD in a task.
  public mutating func get(_ pattern: String, _ handler: @escaping Handler) {
    on("GET", pattern) { _ in .collectAsync(limit: 0) { request, _ in try await handler(request) } }
  }

  /// Serves POST in a task, with a body of at most `limit` bytes.
  public mutating func post(_ pattern: String, limit: Int = 1 << 20, _ handler: @escaping BodyHandler) {
    on("POST", pattern) { _ in .collectAsync(limit: limit, then: handler) }
  }

  /// Serves PUT in a task, with a body of at most `limit` bytes.
  public mutating func put(_ pattern: String, limit: Int = 1 << 20, _ handler: @escaping BodyHandler) {
    on("PUT", pattern) { _ in .collectAsync(limit: limit, then: handler) }
  }

  /// Serves PATCH in a task, with a body of at most `limit` bytes.
  public mutating func patch(_ pattern: String, limit: Int = 1 << 20, _ handler: @escaping BodyHandler) {
    on("PATCH", pattern) { _ in .collectAsync(limit: limit, then: handler) }
  }

  /// Serves DELETE in a task.
  public mutating func delete(_ pattern: String, _ handler: @escaping Handler) {
    on("DELETE", pattern) { _ in .collectAsync(limit: 0) { request, _ in try await handler(request) } }
  }

  /// Serves what no pattern matches, instead of 404.
  public mutating func otherwise(_ intake: @escaping Intake) { fallback = intake }

  /// Decides about a request. Sets its parameters.
  ///
  /// - Returns: the intake and the matched pattern, empty when none did.
  func intake(for request: inout HTTPRequest) -> (intake: HTTPIntake, pattern: String) {
    switch tree.match(method: request.method, path: request.path, segments: request.segments) {
    case .found(let route, let parameters):
      if !parameters.isEmpty { request.parameters = parameters }
      return (route.intake(request), route.pattern)
    case .otherMethods(let pattern, let methods):
      let allow = methods.joined(separator: ", ")
      let problem = ProblemDocument(
        status: 405, code: "method_not_allowed", detail: "\(request.path) answers \(allow), not \(request.method).",
        headers: ["Allow": allow])
      return (.refuse(.problem(problem)), pattern)
    case .nothing:
      return (fallback(request), "")
    }
  }

  /// Answers a request without a socket, for tests of controllers: limits, routes and errors included.
  public func respond(to request: HTTPRequest, body: [UInt8] = []) async -> HTTPResponse {
    var request = request
    switch intake(for: &request).intake {
    case .refuse(let response): return response
    case .collect(let limit, let then):
      guard body.count <= limit else { return .tooLarge(limit: limit) }
      switch then(request, body) {
      case .now(let response): return response
      case .later(let start): return await withCheckedContinuation { start(HTTPExchange($0)) }
      }
    case .collectAsync(let limit, let then):
      guard body.count <= limit else { return .tooLarge(limit: limit) }
      do { return try await then(request, body) } catch { return errorMapper(error) }
    }
  }

  private static let defaultErrorMapper: @Sendable (any Error) -> HTTPResponse = { error in
    switch error {
    case let problem as ProblemDocument: .problem(problem)
    case is CancellationError:
      .problem(ProblemDocument(status: 503, code: "cancelled", detail: "The server stopped working on the request."))
    default:
      .problem(ProblemDocument(status: 500, code: "internal", detail: "The server could not answer the request."))
    }
  }
}

extension HTTPResponse {
  static func tooLarge(limit: Int) -> HTTPResponse {
    .problem(
      ProblemDocument(
        status: 413, code: "body_too_large", detail: "The body is over the \(limit) bytes allowed; send it in parts.",
        extensions: ["limit": .integer(limit)]))
  }

  static func bad(_ detail: String) -> HTTPResponse {
    .problem(ProblemDocument(status: 400, code: "bad_request", detail: detail))
  }

  static let stopping = HTTPResponse.problem(
    ProblemDocument(
      status: 503, code: "stopping", detail: "The server stops; send the request again.", headers: ["Retry-After": "1"])
  )
}

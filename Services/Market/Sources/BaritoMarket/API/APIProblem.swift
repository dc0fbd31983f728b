internal import BaritoCore
internal import FoundationEssentials
internal import HTTP
internal import Postgres

/// An error as RFC 9457 wants it, with the fields at fault and what exists already.
struct APIProblem: Encodable, Sendable {
  struct Field: Encodable, Sendable {
    var field: String
    var detail: String
  }

  var type = "about:blank"
  var title: String
  var status: Int
  var detail: String
  var code: String
  var errors: [Field]?
  var existing: JSONValue?

  init(_ error: MarketError, existing: JSONValue? = nil) {
    status = error.code.httpStatus
    title = HTTPStatus.reason(status)
    detail =
      error.code == .internal
      ? "Market could not answer the request. Try again; if it stays, ask an administrator." : error.detail
    code = error.code.rawValue
    errors = error.fields.isEmpty ? nil : error.fields.map { Field(field: $0.name, detail: $0.detail) }
    self.existing = existing
  }

  /// What any error is to a caller.
  static func error(for error: any Error) -> MarketError {
    switch error {
    case let error as MarketError: return error
    case let error as PostgresError where error.disposition == .retry || error.code.isPassing:
      return MarketError(
        .unavailable, "The database does not answer at this moment. Try again in a few seconds.", retryAfter: 5)
    case is CancellationError:
      return MarketError(.unavailable, "Market stops at this moment. Send the request again.", retryAfter: 1)
    default: return MarketError(.internal, "\(error)")
    }
  }
}

extension MarketError.Code {
  /// The status that tells the truth.
  var httpStatus: Int {
    switch self {
    case .malformed: 400
    case .unauthenticated: 401
    case .forbidden, .tooManyApps: 403
    case .notFound: 404
    case .nameTaken, .tooManySecrets, .lastOwner, .conflict: 409
    case .invalid: 422
    case .throttled: 429
    case .unavailable: 503
    case .internal: 500
    }
  }
}

extension HTTPResponse {
  /// A value as JSON; names in camel case become snake case.
  static func json(_ value: some Encodable, status: Int = 200) throws -> HTTPResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return .json([UInt8](try encoder.encode(value)), status: status).with("Cache-Control", "no-store")
  }

  static func problem(_ error: MarketError, existing: JSONValue? = nil) -> HTTPResponse {
    let problem = APIProblem(error, existing: existing)
    var headers: HTTPHeaders = ["Content-Type": "application/problem+json", "Cache-Control": "no-store"]
    if let seconds = error.retryAfter { headers.add("Retry-After", "\(seconds)") }
    if error.code == .unauthenticated { headers.add("WWW-Authenticate", "Bearer realm=\"barito\"") }
    let body = (try? WireJSON.encode(problem)) ?? []
    return HTTPResponse(status: problem.status, headers: headers, body: .bytes(body))
  }
}

extension PostgresError.Code {
  /// Whether the same request may well succeed later.
  fileprivate var isPassing: Bool { self == .outcomeUnknown || self == .cancelled || self == .closed }
}

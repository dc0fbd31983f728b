/// Why a viewer is not let in, or why its session ends. Each has a status that tells the truth and a `code` that
/// scripts may rely on.
struct TailRefusal: Error, Sendable, Equatable {
  /// Closed: it labels a metric.
  enum Code: String, Sendable, CaseIterable {
    case invalidParameter = "invalid_parameter"
    case noToken = "no_token"
    case unknownToken = "unknown_token"
    case forbidden
    case unknownApp = "unknown_app"
    case groupNotReady = "group_not_ready"
    case tooManySessions = "too_many_sessions"
    case tooManySessionsOfUser = "too_many_sessions_of_user"
    case marketUnavailable = "market_unavailable"
    case stopping
  }

  var code: Code
  /// What happened, to what, and how to mend it.
  var detail: String
  /// Seconds after which the same may succeed.
  var retryAfter: Int?
  /// The parameter at fault.
  var parameter: String?
  /// The byte of the parameter's value at which it is wrong.
  var offset: Int?

  init(_ code: Code, _ detail: String, retryAfter: Int? = nil, parameter: String? = nil, offset: Int? = nil) {
    self.code = code
    self.detail = detail
    self.retryAfter = retryAfter
    self.parameter = parameter
    self.offset = offset
  }

  var status: Int {
    switch code {
    case .invalidParameter: 400
    case .noToken, .unknownToken: 401
    case .forbidden: 403
    case .unknownApp: 404
    case .tooManySessionsOfUser: 429
    case .groupNotReady, .tooManySessions, .marketUnavailable, .stopping: 503
    }
  }

  var title: String {
    switch code {
    case .invalidParameter: "A parameter is not what it must be"
    case .noToken: "No token was sent"
    case .unknownToken: "The token is not known"
    case .forbidden: "The app may not be read"
    case .unknownApp: "There is no such app"
    case .groupNotReady: "The app group's cluster is not ready yet"
    case .tooManySessions: "Too many viewers"
    case .tooManySessionsOfUser: "Too many sessions of one user"
    case .marketUnavailable: "Market cannot be asked now"
    case .stopping: "The service is stopping"
    }
  }
}

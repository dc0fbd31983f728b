import BaritoCore

/// Why the door refuses a request. Each has a status that tells the truth and a `code` that scripts may rely on.
struct Refusal: Error, Sendable, Equatable {
  /// Closed: it labels a metric and stands in the usage of an app.
  enum Code: String, Sendable, CaseIterable {
    case malformed
    case noSecret = "no_secret"
    case unknownSecret = "unknown_secret"
    case appInactive = "app_inactive"
    case groupInactive = "group_inactive"
    case groupNotReady = "group_not_ready"
    case tooManyApps = "too_many_apps"
    case invalidAppName = "invalid_app_name"
    case bodyTooLarge = "body_too_large"
    case lineTooLarge = "line_too_large"
    case tooManyItems = "too_many_items"
    case unsupportedEncoding = "unsupported_encoding"
    case invalidBatch = "invalid_batch"
    case limit
    case appBusy = "app_busy"
    case kafkaUnavailable = "kafka_unavailable"
    case marketUnavailable = "market_unavailable"
  }

  var code: Code
  /// What happened, to what, and how to mend it.
  var detail: String
  /// Whether and when sending the same again helps.
  var retryAfter: Duration?
  /// Set where the app chose another status for its limit.
  var statusOverride: Int?
  /// How many lines were refused, where it is known.
  var lines: Int?
  /// Numbers that belong to it, such as the byte offset of a fault or the limit that was met.
  var members: [(name: String, value: Int)] = []
  /// Header fields beside `Retry-After`, for protocols that have them.
  var headers: [(name: String, value: String)] = []

  init(_ code: Code, _ detail: String, retryAfter: Duration? = nil, members: [(name: String, value: Int)] = []) {
    self.code = code
    self.detail = detail
    self.retryAfter = retryAfter
    self.members = members
  }

  var status: Int {
    if let statusOverride { return statusOverride }
    switch code {
    case .malformed, .invalidBatch, .invalidAppName: return 400
    case .noSecret, .unknownSecret: return 401
    case .appInactive, .groupInactive, .tooManyApps: return 403
    case .bodyTooLarge, .lineTooLarge, .tooManyItems: return 413
    case .unsupportedEncoding: return 415
    case .limit: return 429
    case .appBusy, .groupNotReady, .kafkaUnavailable, .marketUnavailable: return 503
    }
  }

  var title: String {
    switch code {
    case .malformed: "The body is not what this path takes"
    case .noSecret: "No secret was sent"
    case .unknownSecret: "No app has this secret"
    case .appInactive: "The app is switched off"
    case .groupInactive: "The app group is switched off"
    case .groupNotReady: "The app group's cluster is not ready yet"
    case .tooManyApps: "The app group has as many apps as it may"
    case .invalidAppName: "An app cannot have this name"
    case .bodyTooLarge: "The body is too large"
    case .lineTooLarge: "A line is too large"
    case .tooManyItems: "The batch has too many lines"
    case .unsupportedEncoding: "The body's encoding is not known"
    case .invalidBatch: "The batch is not named as it must be"
    case .limit: "The app is over its limit"
    case .appBusy: "Too much of the app is on its way"
    case .kafkaUnavailable: "The app group's Kafka does not take lines now"
    case .marketUnavailable: "Market cannot be asked now"
    }
  }

  /// Whole seconds for the header `Retry-After`, rounded up so that obeying it is enough.
  var retryAfterSeconds: Int64? {
    guard let retryAfter else { return nil }
    let (seconds, attoseconds) = retryAfter.components
    return max(1, attoseconds > 0 ? seconds + 1 : seconds)
  }

  static func == (a: Refusal, b: Refusal) -> Bool {
    a.code == b.code && a.detail == b.detail && a.retryAfter == b.retryAfter && a.statusOverride == b.statusOverride
      && a.members.map(\.name) == b.members.map(\.name) && a.members.map(\.value) == b.members.map(\.value)
  }
}

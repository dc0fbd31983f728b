/// Why the quarantine could not be read or changed.
struct QuarantineError: Error, Sendable, Equatable {
  enum Code: String, Sendable {
    /// Elasticsearch does not let us (401, 403).
    case notAllowed
    /// It cannot be reached, or does not take requests, for longer than one tries.
    case unavailable
    /// The answer is longer than one takes.
    case tooLarge
    /// It answers something that is not understood, or refuses the request.
    case refused
  }

  var code: Code
  var detail: String
}

/// What the Provisioner could not do, and whether trying again makes sense.
struct ProvisionerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Closed: it labels a metric.
  enum Code: String, Sendable, CaseIterable {
    /// There was no answer.
    case unreachable
    /// The token is not taken.
    case unauthorized
    /// There is nothing of that name.
    case notFound = "not_found"
    /// What was asked for is not valid.
    case invalid
    /// The other side failed; Pathfinder also answers so for a container that it does not know.
    case serverFailed = "server_failed"
    /// An answer that cannot be read.
    case badAnswer = "bad_answer"
  }

  enum Disposition: Sendable {
    /// The same may succeed later.
    case retry
    /// The same will fail again.
    case reject
    /// Nothing succeeds until an operator changes something.
    case fatal
  }

  var code: Code
  /// What could not be done, to what, why, and how to mend it.
  var detail: String

  init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  var disposition: Disposition {
    switch code {
    case .unreachable, .serverFailed, .badAnswer: .retry
    case .notFound, .invalid: .reject
    case .unauthorized: .fatal
    }
  }

  var description: String { detail }
}

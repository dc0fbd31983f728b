/// Why the database did not do what was asked.
///
/// `description` holds no value of a query or a row, so it may be shown and logged. What the server says may quote
/// values: it is kept apart in `serverMessage` and `serverDetail`.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The closed set of reasons; a metric label.
  public enum Code: String, Sendable, CaseIterable {
    /// No connection could be made: nobody listens, the server refuses, or it took too long.
    case connectionFailed
    /// The connection broke; what was not committed is undone.
    case connectionLost
    /// The connection broke during COMMIT: whether the transaction took effect is not known.
    case outcomeUnknown
    /// Every connection of the pool was in use for the whole acquire timeout.
    case poolTimedOut
    /// The pool or connection was closed.
    case closed
    /// The task was cancelled.
    case cancelled
    /// The statement ran into its timeout.
    case statementTimedOut
    /// A concurrent transaction was in the way; the whole transaction may be tried again.
    case serializationFailure
    /// Two transactions waited for each other; the whole transaction may be tried again.
    case deadlock
    /// A value that must be unique is there already; see `constraint`.
    case uniqueViolation
    /// A row that is referred to is missing, or still referred to; see `constraint`.
    case foreignKeyViolation
    /// Any other constraint is violated; see `constraint`.
    case constraintViolation
    /// The server is out of connections, memory or disk, or only reads for now.
    case unavailable
    /// The server refuses the statement for another reason; see `sqlState`.
    case rejected
    /// A statement of the transaction failed and the error was dropped: COMMIT rolled back.
    case transactionAborted
    /// A column is missing, is null, or does not hold the type asked for.
    case decoding
    /// The caller's mistake, noticed before the server: a malformed URL, a zero byte in a text, a nested transaction.
    case invalidRequest
    /// The migrations given and those applied contradict each other.
    case migrationRefused
  }

  /// What a caller should do about an error.
  public enum Disposition: Sendable {
    /// Trying again later may help.
    case retry
    /// The same request will fail again.
    case reject
    /// The program or its configuration is wrong.
    case fatal
  }

  /// The reason.
  public let code: Code
  /// What could not be done and why, without any value.
  public let detail: String
  /// The server's five-character SQLSTATE.
  public var sqlState: String?
  /// The name of the violated constraint.
  public var constraint: String?
  /// What the server says; may quote values.
  public var serverMessage: String?
  /// What the server adds; may quote values.
  public var serverDetail: String?

  init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  /// What to do about it.
  public var disposition: Disposition {
    switch code {
    case .connectionFailed, .connectionLost, .poolTimedOut, .statementTimedOut, .serializationFailure, .deadlock,
      .unavailable:
      .retry
    case .outcomeUnknown, .closed, .cancelled, .uniqueViolation, .foreignKeyViolation, .constraintViolation, .rejected,
      .transactionAborted:
      .reject
    case .decoding, .invalidRequest, .migrationRefused: .fatal
    }
  }

  /// Code, SQLSTATE, constraint and detail.
  public var description: String {
    var text = "postgres \(code.rawValue)"
    if let sqlState { text += " (SQLSTATE \(sqlState))" }
    if let constraint { text += " of constraint \(constraint)" }
    return text + ": " + detail
  }
}

extension PostgresError.Code {
  /// What a SQLSTATE means for the caller.
  init(sqlState: String) {
    switch sqlState {
    case "40001": self = .serializationFailure
    case "40P01": self = .deadlock
    case "23505": self = .uniqueViolation
    case "23503": self = .foreignKeyViolation
    case "57014": self = .statementTimedOut
    case "25P02": self = .transactionAborted
    // A standby during failover, and a server that starts or recovers.
    case "25006", "57P03": self = .unavailable
    case _ where sqlState.hasPrefix("23"): self = .constraintViolation
    case _ where sqlState.hasPrefix("53"): self = .unavailable
    case _ where sqlState.hasPrefix("57P") || sqlState.hasPrefix("08"): self = .connectionLost
    default: self = .rejected
    }
  }
}

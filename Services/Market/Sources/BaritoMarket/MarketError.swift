/// Why Market does not do what was asked, told to the person or program that asked.
public struct MarketError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The closed set of reasons: the `code` of problem documents, and a metric label.
  public enum Code: String, Sendable, CaseIterable {
    /// The request cannot be read.
    case malformed
    /// Nobody is signed in, or the token is not known.
    case unauthenticated
    /// Known, and not allowed.
    case forbidden
    /// There is no such thing, or it may not be known of.
    case notFound = "not_found"
    /// Another thing has the name already; see `existing`.
    case nameTaken = "name_taken"
    /// Two secrets are valid already.
    case tooManySecrets = "too_many_secrets"
    /// The group has as many apps as it may.
    case tooManyApps = "too_many_apps"
    /// A group keeps at least one owner.
    case lastOwner = "last_owner"
    /// The state does not allow it now.
    case conflict
    /// Fields hold something that is not allowed; see `fields`.
    case invalid
    /// Too many attempts; see `retryAfter`.
    case throttled
    /// A part that is needed does not work; see `retryAfter`.
    case unavailable
    /// Our own mistake.
    case `internal`
  }

  /// What is wrong with one field of a form or a body.
  public struct Field: Sendable, Equatable {
    /// As the API spells it, such as `max_tps`.
    public var name: String
    /// What happened, why, and how to mend it.
    public var detail: String

    public init(_ name: String, _ detail: String) {
      self.name = name
      self.detail = detail
    }
  }

  /// What has the name already, where the one who asks may see it.
  public enum Existing: Sendable, Equatable {
    case group(AppGroup)
    case app(App)
  }

  public var code: Code
  /// For a person: what happened, why, and how to mend it.
  public var detail: String
  public var fields: [Field]
  public var existing: Existing?
  /// Seconds until trying again makes sense.
  public var retryAfter: Int?

  public init(
    _ code: Code, _ detail: String, fields: [Field] = [], existing: Existing? = nil, retryAfter: Int? = nil
  ) {
    self.code = code
    self.detail = detail
    self.fields = fields
    self.existing = existing
    self.retryAfter = retryAfter
  }

  /// One or more fields at fault.
  public static func invalid(_ fields: [Field]) -> MarketError {
    MarketError(.invalid, fields.map(\.detail).joined(separator: " "), fields: fields)
  }

  public static func invalid(_ field: String, _ detail: String) -> MarketError { invalid([Field(field, detail)]) }

  public var description: String { "\(detail) [\(code.rawValue)]" }

  /// What a caller should do about it.
  public var disposition: Disposition {
    switch code {
    case .throttled, .unavailable: .retry
    case .internal: .fatal
    default: .reject
    }
  }

  public enum Disposition: Sendable { case retry, reject, fatal }
}

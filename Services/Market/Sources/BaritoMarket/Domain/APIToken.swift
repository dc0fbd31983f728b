/// A program's or a person's key to the API: everything but its value.
public struct APIToken: Sendable, Equatable {
  public var id: Int64
  public var name: String
  public var scopes: Set<Scope>
  /// Milliseconds since 1970.
  public var createdAt: Int64
  public var lastUsedAt: Int64?
}

/// What was done, by whom.
public struct AuditEntry: Sendable, Equatable {
  public var id: Int64
  /// Milliseconds since 1970.
  public var at: Int64
  public var actor: String
  /// A closed word, such as `app.create`.
  public var action: String
  /// What it was done to, as a person would call it.
  public var subject: String
  public var detail: String
}

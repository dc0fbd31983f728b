/// Numbers a user.
public struct UserID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public var rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public var description: String { "\(rawValue)" }
}

/// Numbers an app group. People and programs say its cluster's name instead.
public struct GroupID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public var rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public var description: String { "\(rawValue)" }
}

/// What a member may do in a group, from most to least.
public enum Role: String, Sendable, Codable, CaseIterable { case owner, admin, member }

/// Somebody who may sign in, or a program's account.
public struct User: Sendable, Hashable {
  public var id: UserID
  public var name: String
  public var isSuperadmin: Bool
  /// Owns tokens of programs and never signs in.
  public var isSystem: Bool
  public var isDeactivated: Bool
  /// Milliseconds since 1970.
  public var createdAt: Int64
}

/// What an API token may be used for.
public enum Scope: String, Sendable, Codable, CaseIterable {
  /// Look at groups, apps and their usage.
  case read
  /// Change them; includes `read`.
  case write
  /// Read lines.
  case tail
  /// Everything that its owner may do.
  case admin
}

/// Who asks, as proven by a session or a token.
public struct Principal: Sendable, Hashable {
  public var user: User
  /// What the token was given for; nil for a session, which may do all that its user may.
  public var scopes: Set<Scope>?
  /// What the audit log says: the user's name, and the token's.
  public var actor: String

  public init(user: User, scopes: Set<Scope>? = nil, tokenName: String? = nil) {
    self.user = user
    self.scopes = scopes
    actor = tokenName.map { "\(user.name) (token \($0))" } ?? user.name
  }

  /// Whether a token of these scopes may be used for what needs this one.
  func covers(_ scope: Scope) -> Bool {
    guard let scopes else { return true }
    return scopes.contains(scope) || scopes.contains(.admin) || (scope == .read && scopes.contains(.write))
  }
}

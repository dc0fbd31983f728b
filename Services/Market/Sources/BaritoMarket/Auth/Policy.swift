/// Who may do what on which group: the one table that every route asks.
public enum Policy {
  /// Something that is asked of Market.
  public enum Action: String, Sendable, CaseIterable {
    case viewSelf, manageOwnTokens, createGroup
    case viewGroup, readLines
    case createApp, changeApp, deleteApp, manageAppSecrets
    case changeGroup, manageGroupSecrets, manageMembers, retryProvisioning, deleteGroup
    case viewPlatform, manageUsers, viewAudit
  }

  /// What somebody is to a group, or where there is no group, to the platform; from least to most.
  public enum Standing: Int, Sendable, Comparable, CaseIterable {
    /// Signed in, and nothing more.
    case user
    case member, admin, owner
    case superadmin

    public static func < (a: Standing, b: Standing) -> Bool { a.rawValue < b.rawValue }

    public init(_ principal: Principal, role: Role?) {
      self =
        switch role {
        case _ where principal.user.isSuperadmin: .superadmin
        case .owner: .owner
        case .admin: .admin
        case .member: .member
        case nil: .user
        }
    }
  }

  /// What an action asks for.
  public struct Rule: Sendable {
    public var least: Standing
    public var scope: Scope
  }

  public static func rule(for action: Action) -> Rule {
    switch action {
    case .viewSelf: Rule(least: .user, scope: .read)
    case .manageOwnTokens: Rule(least: .user, scope: .admin)
    case .createGroup: Rule(least: .user, scope: .write)
    case .viewGroup: Rule(least: .member, scope: .read)
    case .readLines: Rule(least: .member, scope: .tail)
    case .createApp, .changeApp, .deleteApp, .manageAppSecrets: Rule(least: .admin, scope: .write)
    case .changeGroup, .manageGroupSecrets, .manageMembers, .retryProvisioning, .deleteGroup:
      Rule(least: .owner, scope: .write)
    case .viewPlatform, .manageUsers, .viewAudit: Rule(least: .superadmin, scope: .admin)
    }
  }

  /// Whether this person, with this token, may do it.
  /// - Parameter role: the person's role in the group that it is about; nil when there is none.
  public static func allows(_ action: Action, to principal: Principal, role: Role? = nil) -> Bool {
    let rule = rule(for: action)
    return !principal.user.isDeactivated && Standing(principal, role: role) >= rule.least
      && principal.covers(rule.scope)
  }

  /// Whether this person may know that the group exists. Who may not is told that there is none.
  public static func mayKnow(of role: Role?, _ principal: Principal) -> Bool {
    !principal.user.isDeactivated && Standing(principal, role: role) >= .member
  }
}

internal import BaritoCore

/// Finds what a request is about and asks the policy, in one step: so nothing is found that was not asked for.
struct Access {
  private let transaction: Transaction
  private let principal: Principal

  init(_ transaction: Transaction, _ principal: Principal) {
    self.transaction = transaction
    self.principal = principal
  }

  /// The group, when the action is allowed on it.
  /// - Throws: `notFound` also to those who may not know of it; `forbidden`.
  func group(_ cluster: ClusterName, for action: Policy.Action) async throws -> GroupWithRole {
    try await check(
      try await GroupStore(transaction).find(cluster), action, missing: "There is no group \(cluster) that you may see."
    )
  }

  /// The app with its group, when the action is allowed.
  func app(_ id: AppID, for action: Policy.Action) async throws -> (app: App, group: GroupWithRole) {
    let missing = "There is no app \(id) that you may see."
    guard let app = try await AppStore(transaction).find(id), !app.isProbe else {
      throw MarketError(.notFound, missing)
    }
    let group = try await check(try await GroupStore(transaction).find(app.group), action, missing: missing)
    return (app, group)
  }

  /// - Throws: `forbidden` unless the action, which is about no group, is allowed.
  func platform(_ action: Policy.Action) throws {
    guard Policy.allows(action, to: principal) else { throw refusal(of: action) }
  }

  private func check(_ group: AppGroup?, _ action: Policy.Action, missing: String) async throws -> GroupWithRole {
    guard let group else { throw MarketError(.notFound, missing) }
    let role = try await MemberStore(transaction).role(of: principal.user.id, in: group.id)
    guard Policy.mayKnow(of: role, principal) else { throw MarketError(.notFound, missing) }
    guard Policy.allows(action, to: principal, role: role) else { throw refusal(of: action) }
    return GroupWithRole(group: group, role: role)
  }

  private func refusal(of action: Policy.Action) -> MarketError {
    let rule = Policy.rule(for: action)
    guard principal.covers(rule.scope) else {
      return MarketError(
        .forbidden, "The token lacks the scope \(rule.scope.rawValue). Use a token that was made with it.")
    }
    switch rule.least {
    case .superadmin:
      return MarketError(.forbidden, "Only administrators of the platform may do this. Ask one of them.")
    case .owner: return MarketError(.forbidden, "Only owners of the group may do this. Ask one of them.")
    case .admin: return MarketError(.forbidden, "Only owners and admins of the group may do this. Ask one of them.")
    case .member, .user: return MarketError(.forbidden, "The account was deactivated. Ask an administrator.")
    }
  }
}

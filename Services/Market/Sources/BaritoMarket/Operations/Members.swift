public import BaritoCore

/// Who is in a group, and as what.
public struct Members: Sendable {
  private let database: Database

  init(database: Database) { self.database = database }

  public func list(_ cluster: ClusterName, _ principal: Principal) async throws -> [Member] {
    try await database.transaction { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .viewGroup).group
      return try await MemberStore(transaction).all(in: group.id)
    }
  }

  /// Adds a user to a group, or changes what it is there.
  /// - Throws: `notFound` when there is no user of that name; `lastOwner`.
  public func put(_ name: String, role: Role, in cluster: ClusterName, by principal: Principal) async throws -> Member {
    try await database.transaction { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .manageMembers).group
      let user = try await Members.user(name, transaction)
      guard !user.isDeactivated, !user.isSystem else {
        throw MarketError.invalid("user", "The account \(user.name) cannot be a member: nobody signs in with it.")
      }
      if role != .owner { try await keepOwner(of: group, without: user.id, transaction) }
      try await MemberStore(transaction).put(user.id, in: group.id, role: role)
      try await AuditStore(transaction).append(
        "member.put", by: principal, group: group.id, subject: user.name, detail: role.rawValue)
      let members = try await MemberStore(transaction).all(in: group.id)
      guard let member = members.first(where: { $0.user == user.id }) else {
        throw MarketError(.internal, "a member that was just added is none")
      }
      return member
    }
  }

  /// - Throws: `notFound` when the user is no member; `lastOwner`.
  public func delete(_ name: String, from cluster: ClusterName, by principal: Principal) async throws {
    try await database.transaction { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .manageMembers).group
      let user = try await Members.user(name, transaction)
      try await keepOwner(of: group, without: user.id, transaction)
      guard try await MemberStore(transaction).delete(user.id, from: group.id) else {
        throw MarketError(.notFound, "\(user.name) is no member of \(group.name).")
      }
      try await AuditStore(transaction).append("member.delete", by: principal, group: group.id, subject: user.name)
    }
  }

  private static func user(_ name: String, _ transaction: Transaction) async throws -> User {
    guard let user = try await UserStore(transaction).find(named: name) else {
      throw MarketError(.notFound, "There is no user \(name). Names are those that people sign in with.")
    }
    return user
  }

  private func keepOwner(of group: AppGroup, without user: UserID, _ transaction: Transaction) async throws {
    let owners = try await MemberStore(transaction).lockOwners(of: group.id)
    guard owners == [user] else { return }
    throw MarketError(
      .lastOwner, "The group \(group.name) would have no owner left. Make somebody else its owner first.")
  }
}

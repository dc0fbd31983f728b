internal import Postgres

/// Who is in which group.
struct MemberStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  func role(of user: UserID, in group: GroupID) async throws -> Role? {
    try await transaction.first(
      "SELECT role FROM group_members WHERE group_id = \(group.rawValue) AND user_id = \(user.rawValue)"
    ) { try $0.word("role") }
  }

  func all(in group: GroupID) async throws -> [Member] {
    try await transaction.all(
      """
      SELECT u.id, u.name, m.role, m.added_at FROM group_members m JOIN users u ON u.id = m.user_id
      WHERE m.group_id = \(group.rawValue) ORDER BY lower(u.name)
      """
    ) { row in
      Member(
        user: UserID(rawValue: try row["id"]), name: try row["name"], role: try row.word("role"),
        addedAt: try row.time("added_at"))
    }
  }

  func put(_ user: UserID, in group: GroupID, role: Role) async throws {
    try await transaction.execute(
      """
      INSERT INTO group_members (group_id, user_id, role) VALUES (\(group.rawValue), \(user.rawValue), \(role.rawValue))
      ON CONFLICT (group_id, user_id) DO UPDATE SET role = excluded.role
      """)
  }

  /// - Returns: whether the user was a member.
  func delete(_ user: UserID, from group: GroupID) async throws -> Bool {
    try await transaction.execute(
      "DELETE FROM group_members WHERE group_id = \(group.rawValue) AND user_id = \(user.rawValue)") == 1
  }

  /// The owners of a group whose accounts are active. Holds the group until the transaction ends, so that two owners
  /// cannot remove each other at once.
  func lockOwners(of group: GroupID) async throws -> [UserID] {
    try await transaction.execute("SELECT FROM app_groups WHERE id = \(group.rawValue) FOR NO KEY UPDATE")
    return try await transaction.all(
      """
      SELECT m.user_id FROM group_members m JOIN users u ON u.id = m.user_id
      WHERE m.group_id = \(group.rawValue) AND m.role = 'owner' AND u.deactivated_at IS NULL
      """
    ) { UserID(rawValue: try $0["user_id"]) }
  }
}

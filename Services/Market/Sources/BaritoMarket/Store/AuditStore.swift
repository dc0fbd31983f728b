internal import BaritoCore
internal import Postgres

/// The log of who did what. It can only grow.
struct AuditStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// - Parameter action: a closed word, such as `app.create`.
  func append(
    _ action: String, by principal: Principal, group: GroupID? = nil, subject: String = "", detail: String = ""
  ) async throws {
    try await append(
      action, actor: principal.actor, user: principal.user.id, group: group, subject: subject, detail: detail)
  }

  func append(
    _ action: String, actor: String, user: UserID? = nil, group: GroupID? = nil, subject: String = "",
    detail: String = ""
  ) async throws {
    try await transaction.execute(
      """
      INSERT INTO audit_log (user_id, actor, action, group_id, subject, detail)
      VALUES (\(user?.rawValue), \(actor), \(action), \(group?.rawValue), \(subject), \(detail))
      """)
  }

  /// The newest entries, of a group or of the whole platform.
  /// - Parameter before: only entries older than this one.
  func newest(of group: GroupID? = nil, before: Int64? = nil, limit: Int) async throws -> [AuditEntry] {
    try await transaction.all(
      """
      SELECT id, at, actor, action, subject, detail FROM audit_log
      WHERE (\(group?.rawValue)::bigint IS NULL OR group_id = \(group?.rawValue)::bigint)
        AND (\(before)::bigint IS NULL OR id < \(before)::bigint)
      ORDER BY id DESC LIMIT \(limit)
      """
    ) { row in
      AuditEntry(
        id: try row["id"], at: try row.time("at"), actor: try row["actor"], action: try row["action"],
        subject: try row["subject"], detail: try row["detail"])
    }
  }
}

internal import BaritoCore
internal import Postgres

/// Apps.
struct AppStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// What a new app is made of.
  struct New: Sendable {
    var group: GroupID
    var name: String
    var topicName: String
    var limits: IngestLimits = .unlimited
    var overload: AppProfile.Overload = .refuse
    var retentionDays: Int?
    var isProbe = false
  }

  /// - Returns: the app; nil when another of the group has the topic name.
  func insert(_ new: New) async throws -> App? {
    let id: Int64? = try await transaction.first(
      """
      INSERT INTO apps
        (group_id, name, topic_name, lines_per_second, bytes_per_second, overload, retention_days, is_probe)
      VALUES (\(new.group.rawValue), \(new.name), \(new.topicName), \(new.limits.linesPerSecond),
        \(new.limits.bytesPerSecond), \(new.overload.rawValue), \(new.retentionDays), \(new.isProbe))
      ON CONFLICT DO NOTHING
      RETURNING id
      """
    ) { try $0["id"] }
    guard let id else { return nil }
    return try await find(AppID(id))
  }

  func find(_ id: AppID) async throws -> App? {
    try await transaction.first(
      "\(App.select) WHERE a.id = \(id.rawValue) AND a.deleted_at IS NULL", App.init)
  }

  func find(topicName: String, in group: GroupID) async throws -> App? {
    try await transaction.first(
      """
      \(App.select)
      WHERE a.group_id = \(group.rawValue) AND a.topic_name = \(topicName) AND a.deleted_at IS NULL
      """, App.init)
  }

  func probe(of group: GroupID) async throws -> App? {
    try await transaction.first(
      "\(App.select) WHERE a.group_id = \(group.rawValue) AND a.is_probe AND a.deleted_at IS NULL", App.init)
  }

  /// The apps of a group by name, without the platform's own.
  func all(in group: GroupID) async throws -> [App] {
    try await transaction.all(
      """
      \(App.select)
      WHERE a.group_id = \(group.rawValue) AND a.deleted_at IS NULL AND NOT a.is_probe ORDER BY a.topic_name
      """, App.init)
  }

  /// The apps of the groups that a user is in, or with `all` of every group, by name.
  func visible(to user: UserID, all: Bool) async throws -> [App] {
    try await transaction.all(
      """
      \(App.select)
      WHERE a.deleted_at IS NULL AND NOT a.is_probe
        AND (\(all)::boolean OR a.group_id IN (SELECT group_id FROM group_members WHERE user_id = \(user.rawValue)))
      ORDER BY a.topic_name, a.id
      """, App.init)
  }

  /// How many apps count against the group's maximum.
  func count(in group: GroupID) async throws -> Int {
    try await transaction.one(
      "SELECT count(*) AS apps FROM apps WHERE group_id = \(group.rawValue) AND deleted_at IS NULL AND NOT is_probe"
    ) { try $0["apps"] }
  }

  /// Writes back what may be changed.
  func update(_ app: App) async throws {
    try await transaction.execute(
      """
      UPDATE apps SET status = \(app.status.rawValue), lines_per_second = \(app.limits.linesPerSecond),
        bytes_per_second = \(app.limits.bytesPerSecond), overload = \(app.overload.rawValue),
        retention_days = \(app.ownRetentionDays),
        redaction = \(try app.redaction.map { try JSONText.encode($0) })::jsonb
      WHERE id = \(app.id.rawValue)
      """)
  }

  /// Marks an app as deleted and ends its secrets.
  func delete(_ id: AppID) async throws {
    try await transaction.execute(
      "UPDATE secrets SET revoked_at = now() WHERE app_id = \(id.rawValue) AND revoked_at IS NULL")
    try await transaction.execute(
      "UPDATE apps SET deleted_at = now() WHERE id = \(id.rawValue) AND deleted_at IS NULL")
  }
}

extension App {
  fileprivate static let select: SQL = """
    SELECT a.id, a.group_id, g.cluster_name, a.name, a.topic_name, a.status, a.lines_per_second, a.bytes_per_second,
      a.overload, a.retention_days AS own_retention_days,
      coalesce(a.retention_days, g.retention_days) AS retention_days, a.redaction, a.is_probe, a.created_at, a.deleted_at
    FROM apps a JOIN app_groups g ON g.id = a.group_id
    """

  fileprivate init(_ row: PostgresRow) throws {
    id = AppID(try row["id"])
    group = GroupID(rawValue: try row["group_id"])
    clusterName = ClusterName(try row["cluster_name", as: String.self])
    name = try row["name"]
    topicName = try row["topic_name"]
    status = try row.word("status")
    limits = try row.limits()
    overload = try row.word("overload")
    ownRetentionDays = try row["own_retention_days"]
    retentionDays = try row["retention_days"]
    redaction = try row.redaction()
    isProbe = try row["is_probe"]
    createdAt = try row.time("created_at")
    isDeleted = try row.optionalTime("deleted_at") != nil
  }
}

internal import BaritoCore
internal import Postgres

/// App groups.
struct GroupStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// What a new group is made of.
  struct New: Sendable {
    var clusterName: ClusterName
    var name: String
    var template: ClusterTemplate
    var maximumApps: Int
    var limits: IngestLimits
    var retentionDays: Int
    var createdBy: UserID
  }

  /// The next cluster name: never given before.
  func nextClusterName() async throws -> ClusterName {
    ClusterNaming.name(
      for: try await transaction.one("SELECT nextval('cluster_names') AS number") { try $0["number"] })
  }

  /// - Returns: the group; nil when another has the name.
  func insert(_ new: New) async throws -> AppGroup? {
    let id: Int64? = try await transaction.first(
      """
      INSERT INTO app_groups
        (cluster_name, name, template, maximum_apps, lines_per_second, bytes_per_second, retention_days, created_by)
      VALUES (\(new.clusterName.rawValue), \(new.name), \(try JSONText.encode(new.template))::jsonb,
        \(new.maximumApps), \(new.limits.linesPerSecond), \(new.limits.bytesPerSecond), \(new.retentionDays),
        \(new.createdBy.rawValue))
      ON CONFLICT DO NOTHING
      RETURNING id
      """
    ) { try $0["id"] }
    guard let id else { return nil }
    return try await find(GroupID(rawValue: id))
  }

  func find(_ id: GroupID) async throws -> AppGroup? {
    try await transaction.first(
      "\(AppGroup.select) WHERE g.id = \(id.rawValue) AND g.deleted_at IS NULL", AppGroup.init)
  }

  /// - Parameter deleted: whether a deleted group is an answer too.
  func find(_ cluster: ClusterName, deleted: Bool = false) async throws -> AppGroup? {
    try await transaction.first(
      """
      \(AppGroup.select)
      WHERE g.cluster_name = \(cluster.rawValue) AND (g.deleted_at IS NULL OR \(deleted)::boolean)
      """, AppGroup.init)
  }

  func find(named name: String) async throws -> AppGroup? {
    try await transaction.first(
      "\(AppGroup.select) WHERE lower(g.name) = lower(\(name)) AND g.deleted_at IS NULL", AppGroup.init)
  }

  /// The groups that a user is in, or with `all` every group, by name.
  func visible(to user: UserID, all: Bool) async throws -> [GroupWithRole] {
    try await transaction.all(
      """
      SELECT \(AppGroup.columns), m.role FROM app_groups g
      LEFT JOIN group_members m ON m.group_id = g.id AND m.user_id = \(user.rawValue)
      WHERE g.deleted_at IS NULL AND (m.role IS NOT NULL OR \(all)::boolean)
      ORDER BY lower(g.name)
      """
    ) { row in
      GroupWithRole(group: try AppGroup(row), role: try row["role", as: String?.self].flatMap(Role.init(rawValue:)))
    }
  }

  /// Writes back what a person or the Provisioner may change.
  func update(_ group: AppGroup) async throws {
    try await transaction.execute(
      """
      UPDATE app_groups SET name = \(group.name), stage = \(group.stage.rawValue), is_enabled = \(group.isEnabled),
        endpoints = \(try group.endpoints.map { try JSONText.encode($0) })::jsonb,
        maximum_apps = \(group.maximumApps), lines_per_second = \(group.limits.linesPerSecond),
        bytes_per_second = \(group.limits.bytesPerSecond), retention_days = \(group.retentionDays),
        redaction = \(group.redaction.isEmpty ? nil : try JSONText.encode(group.redaction))::jsonb
      WHERE id = \(group.id.rawValue)
      """)
  }

  /// Has the feed tell of the group's apps again: for what they inherit from it.
  func touchApps(of group: GroupID) async throws {
    try await transaction.execute(
      "UPDATE apps SET feed_version = 0 WHERE group_id = \(group.rawValue) AND deleted_at IS NULL")
  }

  /// Marks a group and its apps as deleted, and ends their secrets.
  func delete(_ id: GroupID) async throws {
    try await transaction.execute(
      """
      UPDATE secrets SET revoked_at = now() WHERE revoked_at IS NULL
        AND (group_id = \(id.rawValue) OR app_id IN (SELECT id FROM apps WHERE group_id = \(id.rawValue)))
      """)
    try await transaction.execute(
      "UPDATE apps SET deleted_at = now() WHERE group_id = \(id.rawValue) AND deleted_at IS NULL")
    try await transaction.execute("UPDATE app_groups SET deleted_at = now() WHERE id = \(id.rawValue)")
  }
}

extension AppGroup {
  fileprivate static let columns: SQL = """
    g.id, g.cluster_name, g.name, g.template, g.stage, g.is_enabled, g.endpoints, g.maximum_apps, g.lines_per_second,
    g.bytes_per_second, g.retention_days, g.redaction, g.created_at, g.deleted_at
    """
  fileprivate static let select: SQL = "SELECT \(columns) FROM app_groups g"

  fileprivate init(_ row: PostgresRow) throws {
    id = GroupID(rawValue: try row["id"])
    clusterName = ClusterName(try row["cluster_name", as: String.self])
    name = try row["name"]
    template = try JSONText.decode(ClusterTemplate.self, from: try row["template"])
    stage = try row.word("stage")
    isEnabled = try row["is_enabled"]
    endpoints = try row["endpoints", as: String?.self].map { try JSONText.decode(ClusterEndpoints.self, from: $0) }
    maximumApps = try row["maximum_apps"]
    limits = try row.limits()
    retentionDays = try row["retention_days"]
    redaction = try row.redaction() ?? []
    createdAt = try row.time("created_at")
    isDeleted = try row.optionalTime("deleted_at") != nil
  }
}

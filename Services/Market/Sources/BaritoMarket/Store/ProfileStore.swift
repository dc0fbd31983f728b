internal import BaritoCore
internal import Postgres

/// The profile feed's pages.
struct ProfileStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  func version() async throws -> Int64 {
    try await transaction.one("SELECT version FROM feed_version") { try $0["version"] }
  }

  /// What changed after a version, oldest change first. To be asked in a snapshot.
  ///
  /// Who knows nothing yet (`after` 0) is spared what is deleted already.
  /// - Parameter limit: of groups and apps together; 1 or more.
  func page(after: Int64, limit: Int) async throws -> ProfilePage {
    let version = try await version()
    let changed = try await changes(after: after, limit: limit + 1)
    let more = changed.count > limit
    let page = changed.prefix(limit)
    guard let last = page.last else { return ProfilePage(version: version) }
    let upTo = more ? last.version : version
    return ProfilePage(
      version: upTo, more: more,
      groups: try await groups(page.filter { $0.isGroup }.map(\.version)),
      apps: try await apps(page.filter { !$0.isGroup }.map(\.version)))
  }

  /// One app's profile.
  func app(_ id: AppID) async throws -> AppProfile? {
    try await transaction.first("\(AppProfile.select) WHERE a.id = \(id.rawValue)", AppProfile.init)
  }

  private struct Change: Sendable {
    var version: Int64
    var isGroup: Bool
  }

  private func changes(after: Int64, limit: Int) async throws -> [Change] {
    try await transaction.all(
      """
      SELECT feed_version, is_group FROM (
        (SELECT feed_version, true AS is_group FROM app_groups
         WHERE feed_version > \(after) AND (\(after)::bigint > 0 OR deleted_at IS NULL)
         ORDER BY feed_version LIMIT \(limit))
        UNION ALL
        (SELECT feed_version, false FROM apps
         WHERE feed_version > \(after) AND (\(after)::bigint > 0 OR deleted_at IS NULL)
         ORDER BY feed_version LIMIT \(limit))
      ) changed ORDER BY feed_version LIMIT \(limit)
      """
    ) { Change(version: try $0["feed_version"], isGroup: try $0["is_group"]) }
  }

  private func groups(_ versions: [Int64]) async throws -> [GroupProfile] {
    guard !versions.isEmpty else { return [] }
    return try await transaction.all(
      """
      \(GroupProfile.select)
      WHERE g.feed_version = ANY (\(versions)::bigint[])
      ORDER BY g.feed_version
      """, GroupProfile.init)
  }

  private func apps(_ versions: [Int64]) async throws -> [AppProfile] {
    guard !versions.isEmpty else { return [] }
    return try await transaction.all(
      """
      \(AppProfile.select)
      WHERE a.feed_version = ANY (\(versions)::bigint[])
      ORDER BY a.feed_version
      """, AppProfile.init)
  }
}

extension GroupProfile {
  fileprivate static let select: SQL = """
    SELECT g.cluster_name, g.name, g.stage, g.is_enabled, g.endpoints, g.maximum_apps, g.lines_per_second,
      g.bytes_per_second, g.redaction, g.deleted_at,
      (SELECT string_agg(encode(s.sha256, 'hex'), ' ' ORDER BY s.id) FROM secrets s
       WHERE s.group_id = g.id AND s.revoked_at IS NULL) AS secrets
    FROM app_groups g
    """

  fileprivate init(_ row: PostgresRow) throws {
    let stage = try row.word("stage", as: GroupStage.self)
    self.init(
      clusterName: ClusterName(try row["cluster_name", as: String.self]), name: try row["name"],
      status: stage.profileStatus(isEnabled: try row["is_enabled"]), secrets: try row.hashes(),
      cluster: try row["endpoints", as: String?.self].map { try JSONText.decode(ClusterEndpoints.self, from: $0) },
      maximumApps: try row["maximum_apps"], limits: try row.limits(), redaction: try row.redaction(),
      isDeleted: try row.optionalTime("deleted_at") != nil)
  }
}

extension AppProfile {
  fileprivate static let select: SQL = """
    SELECT a.id, g.cluster_name, a.name, a.topic_name, a.status, a.lines_per_second, a.bytes_per_second, a.overload,
      coalesce(a.retention_days, g.retention_days) AS retention_days, a.redaction, a.is_probe,
      a.deleted_at,
      (SELECT string_agg(encode(s.sha256, 'hex'), ' ' ORDER BY s.id) FROM secrets s
       WHERE s.app_id = a.id AND s.revoked_at IS NULL) AS secrets
    FROM apps a JOIN app_groups g ON g.id = a.group_id
    """

  fileprivate init(_ row: PostgresRow) throws {
    self.init(
      id: AppID(try row["id"]), clusterName: ClusterName(try row["cluster_name", as: String.self]),
      name: try row["name"], topicName: try row["topic_name"], status: try row.word("status"),
      secrets: try row.hashes(), limits: try row.limits(), overload: try row.word("overload"),
      retentionDays: try row["retention_days"], redaction: try row.redaction(), isProbe: try row["is_probe"],
      isDeleted: try row.optionalTime("deleted_at") != nil)
  }
}

extension PostgresRow {
  /// Hashes in hexadecimal, separated by spaces.
  fileprivate func hashes() throws -> [SecretHash] {
    try self["secrets", as: String?.self].map { text in
      text.split(separator: " ").compactMap { SecretHash(hex: $0) }
    } ?? []
  }
}

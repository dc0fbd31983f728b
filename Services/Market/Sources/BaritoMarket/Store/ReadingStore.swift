internal import BaritoCore
internal import Postgres

/// What open pages read each second.
struct ReadingStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// What was counted of an app.
  /// - Parameters:
  ///   - from: of the oldest counts, in milliseconds since 1970; at most a day ago.
  ///   - step: the length of an interval in milliseconds; a multiple of ten seconds.
  func reading(of app: AppID, from: Int64, step: Int64) async throws -> AppReading {
    let usage = UsageStore(transaction)
    let total = try await usage.total(of: app)
    return AppReading(
      points: try await usage.series(of: app, from: from, step: step), indexedEver: total.indexed + total.duplicates,
      lastLineAt: try await lastLine(of: app), reportedAt: try await newestReport())
  }

  /// Why lines were refused since then, most frequent first, and when each reason was counted last.
  func refusals(of app: AppID, from: Int64) async throws -> [(code: String, lines: Int64, lastAt: Int64)] {
    try await transaction.all(
      """
      SELECT code, sum(lines)::bigint AS lines, max(at) AS last_at FROM usage_refusals
      WHERE app_id = \(app.rawValue) AND at >= moment(\(from)::bigint) GROUP BY code ORDER BY 2 DESC, 1
      """
    ) { row in (try row["code"], try row["lines"], try row.time("last_at")) }
  }

  /// The components of all these groups.
  func components(of groups: [GroupID]) async throws -> [GroupID: [ComponentState]] {
    let rows: [(GroupID, ComponentState)] = try await transaction.all(
      """
      SELECT group_id, hostname, type, status, ip_address, message FROM components
      WHERE group_id = ANY (\(groups.map(\.rawValue))::bigint[]) ORDER BY group_id, type, hostname
      """
    ) { row in
      let component = ComponentState(
        hostname: try row["hostname"], type: try row.word("type"), status: try row.word("status"),
        ipAddress: try row["ip_address"], message: try row["message"])
      return (GroupID(rawValue: try row["group_id"]), component)
    }
    return rows.reduce(into: [:]) { $0[$1.0, default: []].append($1.1) }
  }

  private func lastLine(of app: AppID) async throws -> Int64? {
    try await transaction.first("SELECT last_line_at FROM usage_totals WHERE app_id = \(app.rawValue)") {
      try $0.optionalTime("last_line_at")
    } ?? nil
  }

  /// When the data plane told of anything last; nil: never.
  private func newestReport() async throws -> Int64? {
    try await transaction.first(
      "SELECT max(newest_ms) AS newest FROM applied_offsets WHERE topic = \(PlatformTopic.usage)"
    ) { try $0["newest", as: Int64?.self] } ?? nil
  }
}

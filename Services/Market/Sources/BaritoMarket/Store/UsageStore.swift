internal import BaritoCore
internal import Postgres

/// What apps use: in buckets of ten seconds for a day, and in total.
struct UsageStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// Adds counts. Those of apps that Market does not know add up to nothing that anyone sees.
  func add(_ sums: UsageSums) async throws {
    guard !sums.isEmpty else { return }
    try await transaction.execute(
      """
      INSERT INTO usage_buckets AS b (app_id, at, accepted, bytes, refused, indexed, duplicates, quarantined)
      SELECT u.app, moment(u.at), u.accepted, u.bytes, u.refused, u.indexed, u.duplicates, u.quarantined
      FROM jsonb_to_recordset(\(try JSONText.encode(sums.buckets))::jsonb) AS u (app bigint, at bigint, accepted bigint,
        bytes bigint, refused bigint, indexed bigint, duplicates bigint, quarantined bigint)
      ORDER BY u.app, u.at
      ON CONFLICT (app_id, at) DO UPDATE SET accepted = b.accepted + excluded.accepted,
        bytes = b.bytes + excluded.bytes, refused = b.refused + excluded.refused,
        indexed = b.indexed + excluded.indexed, duplicates = b.duplicates + excluded.duplicates,
        quarantined = b.quarantined + excluded.quarantined
      """)
    try await transaction.execute(
      """
      INSERT INTO usage_refusals AS r (app_id, at, code, lines)
      SELECT u.app, moment(u.at), u.code, u.lines
      FROM jsonb_to_recordset(\(try JSONText.encode(sums.refusals))::jsonb)
        AS u (app bigint, at bigint, code text, lines bigint)
      ORDER BY u.app, u.at, u.code
      ON CONFLICT (app_id, at, code) DO UPDATE SET lines = r.lines + excluded.lines
      """)
    try await transaction.execute(
      """
      INSERT INTO usage_totals AS t
        (app_id, accepted, bytes, refused, indexed, duplicates, quarantined, last_line_at)
      SELECT u.app, u.accepted, u.bytes, u.refused, u.indexed, u.duplicates, u.quarantined, moment(u."lastLineAt")
      FROM jsonb_to_recordset(\(try JSONText.encode(sums.totals))::jsonb) AS u (app bigint, accepted bigint,
        bytes bigint, refused bigint, indexed bigint, duplicates bigint, quarantined bigint, "lastLineAt" bigint)
      ORDER BY u.app
      ON CONFLICT (app_id) DO UPDATE SET accepted = t.accepted + excluded.accepted, bytes = t.bytes + excluded.bytes,
        refused = t.refused + excluded.refused, indexed = t.indexed + excluded.indexed,
        duplicates = t.duplicates + excluded.duplicates, quarantined = t.quarantined + excluded.quarantined,
        last_line_at = greatest(t.last_line_at, excluded.last_line_at)
      """)
  }

  /// Rates of all these apps; apps that never sent anything are missing.
  func rates(of apps: [AppID], in window: RateWindow) async throws -> [AppID: UsageRate] {
    let rows: [(AppID, UsageRate)] = try await transaction.all(
      """
      SELECT t.app_id, coalesce(sum(b.accepted), 0)::float8 AS lines, coalesce(sum(b.bytes), 0)::float8 AS bytes,
        coalesce(sum(b.refused), 0)::float8 AS refused, t.last_line_at
      FROM usage_totals t
      LEFT JOIN usage_buckets b ON b.app_id = t.app_id AND b.at >= moment(\(window.from)::bigint)
      WHERE t.app_id = ANY (\(apps.map(\.rawValue))::bigint[])
      GROUP BY t.app_id, t.last_line_at
      """
    ) { row in
      let rate = UsageRate(
        linesPerSecond: try row["lines", as: Double.self] / window.seconds,
        bytesPerSecond: try row["bytes", as: Double.self] / window.seconds,
        refusedPerSecond: try row["refused", as: Double.self] / window.seconds,
        lastLineAt: try row.optionalTime("last_line_at"))
      return (AppID(try row["app_id"]), rate)
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// An app's counts in intervals that have any, oldest first.
  /// - Parameters:
  ///   - from: milliseconds since 1970; at most a day ago.
  ///   - step: length of an interval in milliseconds; a multiple of ten seconds.
  func series(of app: AppID, from: Int64, step: Int64) async throws -> [UsagePoint] {
    try await series(of: [app], from: from, step: step)[app] ?? []
  }

  /// The counts of many apps, as of one.
  func series(of apps: [AppID], from: Int64, step: Int64) async throws -> [AppID: [UsagePoint]] {
    let rows: [(AppID, UsagePoint)] = try await transaction.all(
      """
      SELECT app_id, ms(at) - ms(at) % \(step)::bigint AS start, sum(accepted)::bigint AS accepted,
        sum(bytes)::bigint AS bytes, sum(refused)::bigint AS refused, sum(indexed)::bigint AS indexed,
        sum(duplicates)::bigint AS duplicates, sum(quarantined)::bigint AS quarantined
      FROM usage_buckets WHERE app_id = ANY (\(apps.map(\.rawValue))::bigint[]) AND at >= moment(\(from)::bigint)
      GROUP BY app_id, start ORDER BY app_id, start
      """
    ) { (AppID(try $0["app_id"]), UsagePoint(at: try $0["start"], counts: try UsageCounts($0))) }
    return rows.reduce(into: [:]) { $0[$1.0, default: []].append($1.1) }
  }

  /// Why lines of an app were refused since then, most frequent first.
  func refusals(of app: AppID, from: Int64) async throws -> [RefusalCount] {
    try await transaction.all(
      """
      SELECT code, sum(lines)::bigint AS lines FROM usage_refusals
      WHERE app_id = \(app.rawValue) AND at >= moment(\(from)::bigint) GROUP BY code ORDER BY 2 DESC, 1
      """
    ) { RefusalCount(code: try $0["code"], lines: try $0["lines"]) }
  }

  func total(of app: AppID) async throws -> UsageCounts {
    try await transaction.first(
      """
      SELECT accepted, bytes, refused, indexed, duplicates, quarantined FROM usage_totals WHERE app_id = \(app.rawValue)
      """, UsageCounts.init) ?? UsageCounts()
  }

  /// Forgets buckets older than a day.
  /// - Parameter now: milliseconds since 1970.
  func prune(now: Int64) async throws {
    let oldest = now - 86_400_000
    try await transaction.execute("DELETE FROM usage_buckets WHERE at < moment(\(oldest)::bigint)")
    try await transaction.execute("DELETE FROM usage_refusals WHERE at < moment(\(oldest)::bigint)")
  }
}

extension UsageCounts {
  fileprivate init(_ row: PostgresRow) throws {
    accepted = try row["accepted"]
    bytes = try row["bytes"]
    refused = try row["refused"]
    indexed = try row["indexed"]
    duplicates = try row["duplicates"]
    quarantined = try row["quarantined"]
  }
}

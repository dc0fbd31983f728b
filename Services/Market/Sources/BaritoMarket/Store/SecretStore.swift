internal import BaritoCore
internal import Postgres

/// Secrets of apps and groups, at most two valid at a time.
struct SecretStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// - Returns: the secret's number; nil when two are valid already.
  func insert(_ hash: SecretHash, of owner: SecretOwner) async throws -> Int64? {
    try await transaction.first(
      """
      INSERT INTO secrets (app_id, group_id, sha256, place)
      SELECT \(owner.app)::bigint, \(owner.group)::bigint, decode(\(hash.hex), 'hex'), p.place
      FROM (VALUES (1::smallint), (2::smallint)) p (place)
      WHERE NOT EXISTS (
        SELECT FROM secrets s WHERE (s.app_id = \(owner.app)::bigint OR s.group_id = \(owner.group)::bigint)
          AND s.revoked_at IS NULL AND s.place = p.place)
      LIMIT 1
      RETURNING id
      """
    ) { try $0["id"] }
  }

  /// The valid ones, oldest first.
  func all(of owner: SecretOwner) async throws -> [StoredSecret] {
    try await transaction.all(
      """
      SELECT id, created_at, last_used_at FROM secrets
      WHERE (app_id = \(owner.app)::bigint OR group_id = \(owner.group)::bigint) AND revoked_at IS NULL ORDER BY id
      """
    ) { row in
      StoredSecret(
        id: try row["id"], createdAt: try row.time("created_at"), lastUsedAt: try row.optionalTime("last_used_at"))
    }
  }

  /// The valid ones of many apps, oldest first.
  func all(of apps: [AppID]) async throws -> [AppID: [StoredSecret]] {
    let rows: [(AppID, StoredSecret)] = try await transaction.all(
      """
      SELECT app_id, id, created_at, last_used_at FROM secrets
      WHERE app_id = ANY (\(apps.map(\.rawValue))::bigint[]) AND revoked_at IS NULL ORDER BY id
      """
    ) { row in
      let secret = StoredSecret(
        id: try row["id"], createdAt: try row.time("created_at"), lastUsedAt: try row.optionalTime("last_used_at"))
      return (AppID(try row["app_id"]), secret)
    }
    return rows.reduce(into: [:]) { $0[$1.0, default: []].append($1.1) }
  }

  /// Notes when valid secrets were used: never an earlier time than before, nor a later one than it is, since clocks of
  /// Routers differ; and not each few seconds of a secret that is in use, so that it costs a write a minute. With how often
  /// Routers tell (`SecretUses`), what is stored is true to about a minute.
  ///
  /// A row that somebody else holds is passed by: its secret is being revoked, or noted by another Market. Otherwise two
  /// could wait for each other.
  func note(_ uses: [SecretUse]) async throws {
    guard !uses.isEmpty else { return }
    try await transaction.execute(
      """
      WITH due AS (
        SELECT s.id, least(moment(u.at_ms), now()) AS used_at
        FROM jsonb_to_recordset(\(try JSONText.encode(uses))::jsonb) AS u (sha256 text, at_ms bigint)
        JOIN secrets s ON s.sha256 = decode(u.sha256, 'hex')
        WHERE s.revoked_at IS NULL
          AND coalesce(s.last_used_at <= least(moment(u.at_ms), now()) - interval '45 seconds', true)
        FOR NO KEY UPDATE OF s SKIP LOCKED
      )
      UPDATE secrets s SET last_used_at = due.used_at FROM due WHERE s.id = due.id
      """)
  }

  /// - Returns: whether the owner had such a valid secret.
  func revoke(_ id: Int64, of owner: SecretOwner) async throws -> Bool {
    try await transaction.execute(
      """
      UPDATE secrets SET revoked_at = now()
      WHERE id = \(id) AND (app_id = \(owner.app)::bigint OR group_id = \(owner.group)::bigint) AND revoked_at IS NULL
      """) == 1
  }
}

extension SecretOwner {
  fileprivate var app: Int64? {
    switch self {
    case .app(let id): id.rawValue
    case .group: nil
    }
  }

  fileprivate var group: Int64? {
    switch self {
    case .app: nil
    case .group(let id): id.rawValue
    }
  }
}

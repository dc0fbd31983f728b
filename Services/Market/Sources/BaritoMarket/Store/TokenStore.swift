internal import BaritoCore
internal import Postgres

/// API tokens.
struct TokenStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  func insert(_ token: SecretHash, user: UserID, name: String, scopes: Set<Scope>) async throws -> Int64 {
    let scopes = scopes.map(\.rawValue).sorted().joined(separator: " ")
    return try await transaction.one(
      """
      INSERT INTO api_tokens (token_sha256, user_id, name, scopes)
      VALUES (decode(\(token.hex), 'hex'), \(user.rawValue), \(name), \(scopes)) RETURNING id
      """
    ) { try $0["id"] }
  }

  /// Whose token it is. Marks it as used, at most once a minute, so that reading costs no write each time.
  func principal(_ token: SecretHash) async throws -> Principal? {
    let found: (Principal, Int64, Bool)? = try await transaction.first(
      """
      SELECT \(User.columns), t.scopes, t.name AS token_name, t.id AS token_id,
        coalesce(t.last_used_at < now() - interval '1 minute', true) AS is_stale
      FROM api_tokens t JOIN users ON users.id = t.user_id
      WHERE t.token_sha256 = decode(\(token.hex), 'hex') AND t.revoked_at IS NULL AND deactivated_at IS NULL
      """
    ) { row in
      let principal = Principal(
        user: try User(row), scopes: Scope.parse(try row["scopes", as: String.self]), tokenName: try row["token_name"])
      return (principal, try row["token_id"], try row["is_stale"])
    }
    guard let (principal, id, isStale) = found else { return nil }
    if isStale { try await transaction.execute("UPDATE api_tokens SET last_used_at = now() WHERE id = \(id)") }
    return principal
  }

  func all(of user: UserID) async throws -> [APIToken] {
    try await transaction.all(
      """
      SELECT id, name, scopes, created_at, last_used_at
      FROM api_tokens WHERE user_id = \(user.rawValue) AND revoked_at IS NULL ORDER BY id
      """
    ) { row in
      APIToken(
        id: try row["id"], name: try row["name"], scopes: Scope.parse(try row["scopes", as: String.self]),
        createdAt: try row.time("created_at"), lastUsedAt: try row.optionalTime("last_used_at"))
    }
  }

  /// - Returns: whether the user had such a token.
  func revoke(_ id: Int64, of user: UserID) async throws -> Bool {
    try await transaction.execute(
      """
      UPDATE api_tokens SET revoked_at = now()
      WHERE id = \(id) AND user_id = \(user.rawValue) AND revoked_at IS NULL
      """) == 1
  }
}

extension Scope {
  /// Scopes from their names, separated by spaces or commas; names that are none are left out.
  static func parse(_ text: some StringProtocol) -> Set<Scope> {
    Set(text.split { $0 == " " || $0 == "," }.compactMap { Scope(rawValue: String($0)) })
  }
}

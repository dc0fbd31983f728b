internal import BaritoCore
internal import Postgres

/// Signed-in browsers.
struct SessionStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// - Parameter lifetime: in seconds.
  func insert(_ token: SecretHash, user: UserID, lifetime: Int) async throws {
    try await transaction.execute(
      """
      INSERT INTO sessions (token_sha256, user_id, expires_at)
      VALUES (decode(\(token.hex), 'hex'), \(user.rawValue), now() + \(lifetime)::integer * interval '1 second')
      """)
  }

  func user(_ token: SecretHash) async throws -> User? {
    try await transaction.first(
      """
      SELECT \(User.columns)
      FROM sessions s JOIN users ON users.id = s.user_id
      WHERE s.token_sha256 = decode(\(token.hex), 'hex') AND s.expires_at > now() AND deactivated_at IS NULL
      """, User.init)
  }

  func delete(_ token: SecretHash) async throws {
    try await transaction.execute("DELETE FROM sessions WHERE token_sha256 = decode(\(token.hex), 'hex')")
  }

  func deleteAll(of user: UserID) async throws {
    try await transaction.execute("DELETE FROM sessions WHERE user_id = \(user.rawValue)")
  }

  func prune() async throws {
    try await transaction.execute("DELETE FROM sessions WHERE expires_at <= now()")
  }
}

internal import BaritoCore
internal import Postgres

/// Links that work once.
struct OneTimeLinkStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// What a link lets its holder do.
  enum Purpose: String, Sendable {
    case firstAdministrator = "first_administrator"
    case resetPassword = "reset_password"
  }

  /// Lets nobody else use or make a link until the transaction ends.
  func lock() async throws {
    try await transaction.execute("LOCK TABLE one_time_links IN SHARE ROW EXCLUSIVE MODE")
  }

  /// Makes links of this purpose, and for this user, worthless.
  func discard(_ purpose: Purpose, user: UserID? = nil) async throws {
    try await transaction.execute(
      """
      UPDATE one_time_links SET used_at = now()
      WHERE purpose = \(purpose.rawValue) AND used_at IS NULL
        AND user_id IS NOT DISTINCT FROM \(user?.rawValue)::bigint
      """)
  }

  /// - Parameter lifetime: in seconds.
  func insert(_ token: SecretHash, purpose: Purpose, user: UserID? = nil, lifetime: Int) async throws {
    try await transaction.execute(
      """
      INSERT INTO one_time_links (token_sha256, purpose, user_id, expires_at)
      VALUES (decode(\(token.hex), 'hex'), \(purpose.rawValue), \(user?.rawValue),
        now() + \(lifetime)::integer * interval '1 second')
      """)
  }

  func isValid(_ token: SecretHash, purpose: Purpose) async throws -> Bool {
    try await transaction.first(
      """
      SELECT EXISTS (SELECT FROM one_time_links WHERE token_sha256 = decode(\(token.hex), 'hex')
        AND purpose = \(purpose.rawValue) AND used_at IS NULL AND expires_at > now()) AS found
      """
    ) { try $0["found"] } ?? false
  }

  /// Uses the link up. Of two who try at once, one succeeds.
  /// - Returns: whether it was valid, and for whom.
  func redeem(_ token: SecretHash, purpose: Purpose) async throws -> (isValid: Bool, user: UserID?) {
    try await transaction.first(
      """
      UPDATE one_time_links SET used_at = now()
      WHERE token_sha256 = decode(\(token.hex), 'hex') AND purpose = \(purpose.rawValue)
        AND used_at IS NULL AND expires_at > now()
      RETURNING user_id
      """
    ) { (true, try $0["user_id", as: Int64?.self].map(UserID.init(rawValue:))) } ?? (false, nil)
  }
}

internal import BaritoCore
internal import Postgres

/// Users and their passwords.
struct UserStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// - Returns: the new user; nil when the name is taken.
  func insert(name: String, passwordHash: String?, isSuperadmin: Bool, isSystem: Bool = false) async throws -> User? {
    try await transaction.first(
      """
      INSERT INTO users (name, password_hash, is_superadmin, is_system)
      VALUES (\(name), \(passwordHash), \(isSuperadmin), \(isSystem))
      ON CONFLICT DO NOTHING
      RETURNING \(User.columns)
      """, User.init)
  }

  func find(_ id: UserID) async throws -> User? {
    try await transaction.first(
      """
      SELECT \(User.columns)
      FROM users WHERE id = \(id.rawValue)
      """, User.init)
  }

  func find(named name: String) async throws -> User? {
    try await transaction.first(
      """
      SELECT \(User.columns)
      FROM users WHERE lower(name) = lower(\(name))
      """, User.init)
  }

  /// - Returns: the user with the stored hash of the password, as long as the user may sign in with one.
  func credentials(named name: String) async throws -> (user: User, passwordHash: String)? {
    try await transaction.first(
      """
      SELECT \(User.columns), password_hash
      FROM users WHERE lower(name) = lower(\(name)) AND password_hash IS NOT NULL AND deactivated_at IS NULL
      """
    ) { row in (try User(row), try row["password_hash"]) }
  }

  func all() async throws -> [User] {
    try await transaction.all(
      """
      SELECT \(User.columns)
      FROM users ORDER BY lower(name)
      """, User.init)
  }

  func hasSuperadmin() async throws -> Bool {
    try await transaction.first(
      "SELECT EXISTS (SELECT FROM users WHERE is_superadmin AND NOT is_system AND deactivated_at IS NULL) AS found"
    ) { try $0["found"] } ?? false
  }

  func setPassword(_ passwordHash: String, of user: UserID) async throws {
    try await transaction.execute("UPDATE users SET password_hash = \(passwordHash) WHERE id = \(user.rawValue)")
  }

  /// Deactivated users keep their history; their sessions end.
  func setDeactivated(_ isDeactivated: Bool, user: UserID) async throws {
    try await transaction.execute(
      """
      UPDATE users SET deactivated_at = CASE WHEN \(isDeactivated)::boolean THEN coalesce(deactivated_at, now()) END
      WHERE id = \(user.rawValue)
      """)
    guard isDeactivated else { return }
    try await transaction.execute("DELETE FROM sessions WHERE user_id = \(user.rawValue)")
  }

  func setSuperadmin(_ isSuperadmin: Bool, user: UserID) async throws {
    try await transaction.execute("UPDATE users SET is_superadmin = \(isSuperadmin) WHERE id = \(user.rawValue)")
  }
}

extension User {
  static let columns: SQL = "users.id, users.name, is_superadmin, is_system, deactivated_at, users.created_at"

  init(_ row: PostgresRow) throws {
    id = UserID(rawValue: try row["id"])
    name = try row["name"]
    isSuperadmin = try row["is_superadmin"]
    isSystem = try row["is_system"]
    isDeactivated = try row.optionalTime("deactivated_at") != nil
    createdAt = try row.time("created_at")
  }
}

internal import BaritoCore
internal import Synchronization

/// Signing in, users and tokens.
public struct Accounts: Sendable {
  private let database: Database
  private let hasher: PasswordHasher
  private let clock: @Sendable () -> Int64
  private let throttle: ThrottleBox

  /// How long a browser stays signed in, in seconds.
  public static let sessionLifetime = 14 * 86_400
  /// How long a one-time link can be used, in seconds.
  public static let linkLifetime = 86_400
  /// Fewer characters are refused.
  public static let shortestPassword = 10

  private final class ThrottleBox: Sendable {
    let state = Mutex(AttemptThrottle(limit: 10, window: 900))
  }

  init(database: Database, hasher: PasswordHasher, clock: @escaping @Sendable () -> Int64) {
    self.database = database
    self.hasher = hasher
    self.clock = clock
    throttle = ThrottleBox()
  }

  // MARK: Signing in

  /// Proves a password. Takes as long, and says the same, whether there is such an account or not.
  /// - Parameter peer: the address that asks; with the name it is held to ten failures in a quarter of an hour.
  /// - Returns: the token for the session's cookie.
  /// - Throws: `unauthenticated`, `throttled`.
  public func signIn(name: String, password: String, peer: String) async throws -> String {
    let name = String(name.prefix(254))
    let key = "\(peer) \(name.lowercased())"
    let now = clock()
    if let seconds = throttle.state.withLock({ $0.refusal(of: key, now: now) }) {
      throw MarketError(
        .throttled, "Too many attempts for this account from here. Try again in \((seconds + 59) / 60) minutes.",
        retryAfter: seconds)
    }
    let found = try await database.transaction { try await UserStore($0).credentials(named: name) }
    guard try await hasher.verify(String(password.prefix(1_024)), found?.passwordHash), let user = found?.user else {
      throttle.state.withLock { $0.failed(key, now: now) }
      throw MarketError(.unauthenticated, "The name or the password is wrong.")
    }
    throttle.state.withLock { $0.succeeded(key) }
    return try await database.transaction { transaction in
      try await AuditStore(transaction).append("session.begin", by: Principal(user: user), detail: "from \(peer)")
      return try await Accounts.beginSession(of: user, transaction)
    }
  }

  public func signOut(_ session: Session) async throws {
    let hash = Token.hash(session.token)
    try await database.transaction { try await SessionStore($0).delete(hash) }
  }

  private static func beginSession(of user: User, _ transaction: Transaction) async throws -> String {
    let token = Token.make()
    try await SessionStore(transaction).insert(Token.hash(token), user: user.id, lifetime: sessionLifetime)
    return token
  }

  // MARK: The first administrator

  /// A fresh token of a link that makes the first administrator; nil when there is one already.
  public func makeFirstAdministratorLink() async throws -> String? {
    try await database.transaction { transaction in
      guard try await !UserStore(transaction).hasSuperadmin() else { return nil }
      let token = Token.make()
      try await OneTimeLinkStore(transaction).insert(
        Token.hash(token), purpose: .firstAdministrator, lifetime: Accounts.linkLifetime)
      return token
    }
  }

  /// Whether the link can still be used.
  public func isFirstAdministratorLink(_ token: String) async throws -> Bool {
    let hash = Token.hash(token)
    return try await database.transaction { transaction in
      guard try await !UserStore(transaction).hasSuperadmin() else { return false }
      return try await OneTimeLinkStore(transaction).isValid(hash, purpose: .firstAdministrator)
    }
  }

  /// Uses the link up: makes the first administrator and signs it in. Of any number who try at once, one succeeds.
  /// - Returns: the token for the session's cookie.
  /// - Throws: `notFound` when the link was used or is too old, `invalid`, `nameTaken`.
  public func makeFirstAdministrator(link: String, name: String, password: String) async throws -> String {
    try Accounts.validate(name: name, password: password)
    let passwordHash = try await hasher.hash(password)
    return try await database.transaction { transaction in
      // One at a time, also of those with different links.
      try await OneTimeLinkStore(transaction).lock()
      let hasSuperadmin = try await UserStore(transaction).hasSuperadmin()
      let isValid = try await OneTimeLinkStore(transaction).redeem(Token.hash(link), purpose: .firstAdministrator)
        .isValid
      guard isValid, !hasSuperadmin else {
        throw MarketError(
          .notFound,
          "The link was used already, or is older than a day. Run barito-market first-administrator for a new one.")
      }
      guard
        let user = try await UserStore(transaction).insert(name: name, passwordHash: passwordHash, isSuperadmin: true)
      else { throw Accounts.nameTaken(name) }
      try await AuditStore(transaction).append("user.create", by: Principal(user: user), subject: name)
      return try await Accounts.beginSession(of: user, transaction)
    }
  }

  // MARK: Users

  /// - Throws: `forbidden` unless the principal is an administrator.
  public func users(_ principal: Principal) async throws -> [User] {
    try await database.transaction { transaction in
      try Access(transaction, principal).platform(.manageUsers)
      return try await UserStore(transaction).all()
    }
  }

  /// Makes a user who sets a password by a one-time link.
  /// - Returns: the user and the link's token.
  public func createUser(
    name: String, isSuperadmin: Bool, by principal: Principal
  ) async throws -> (user: User, link: String) {
    try Accounts.validate(name: name)
    return try await database.transaction { transaction in
      try Access(transaction, principal).platform(.manageUsers)
      guard
        let user = try await UserStore(transaction).insert(name: name, passwordHash: nil, isSuperadmin: isSuperadmin)
      else { throw Accounts.nameTaken(name) }
      try await AuditStore(transaction).append("user.create", by: principal, subject: name)
      let token = Token.make()
      try await OneTimeLinkStore(transaction).insert(
        Token.hash(token), purpose: .resetPassword, user: user.id, lifetime: Accounts.linkLifetime)
      return (user, token)
    }
  }

  /// Uses a link up that sets a password, and signs the user in. All other sessions of the user end.
  /// - Returns: the token for the session's cookie.
  public func setPassword(link: String, password: String) async throws -> String {
    try Accounts.validate(password: password)
    let passwordHash = try await hasher.hash(password)
    return try await database.transaction { transaction in
      let (isValid, id) = try await OneTimeLinkStore(transaction).redeem(Token.hash(link), purpose: .resetPassword)
      guard isValid, let id, let user = try await UserStore(transaction).find(id), !user.isDeactivated else {
        throw MarketError(
          .notFound, "The link was used already, or is older than a day. Ask an administrator for a new one.")
      }
      try await UserStore(transaction).setPassword(passwordHash, of: id)
      try await SessionStore(transaction).deleteAll(of: id)
      try await AuditStore(transaction).append("user.password", by: Principal(user: user), subject: user.name)
      return try await Accounts.beginSession(of: user, transaction)
    }
  }

  /// Deactivates a user, or lets it in again.
  public func setDeactivated(_ isDeactivated: Bool, user id: UserID, by principal: Principal) async throws {
    try await database.transaction { transaction in
      try Access(transaction, principal).platform(.manageUsers)
      guard let user = try await UserStore(transaction).find(id) else {
        throw MarketError(.notFound, "There is no user \(id).")
      }
      guard user.id != principal.user.id else {
        throw MarketError(.conflict, "Nobody can deactivate themselves. Ask another administrator.")
      }
      try await UserStore(transaction).setDeactivated(isDeactivated, user: id)
      try await AuditStore(transaction).append(
        isDeactivated ? "user.deactivate" : "user.activate", by: principal, subject: user.name)
    }
  }

  // MARK: Tokens

  public func tokens(of principal: Principal) async throws -> [APIToken] {
    try await database.transaction { transaction in
      try Access(transaction, principal).platform(.viewSelf)
      return try await TokenStore(transaction).all(of: principal.user.id)
    }
  }

  /// - Returns: the token's number and its value, which can be had only now.
  public func createToken(name: String, scopes: Set<Scope>, by principal: Principal) async throws -> NewSecret {
    var fields: [MarketError.Field] = []
    if !(1...100).contains(name.count) {
      fields.append(.init("name", "A token's name has 1 to 100 characters. Name it after what will use it."))
    }
    if scopes.isEmpty {
      let all = Scope.allCases.map(\.rawValue).joined(separator: ", ")
      fields.append(.init("scopes", "A token needs at least one scope. Choose from \(all)."))
    }
    guard fields.isEmpty else { throw MarketError.invalid(fields) }
    let value = Token.make(Token.apiPrefix)
    return try await database.transaction { transaction in
      try Access(transaction, principal).platform(.manageOwnTokens)
      let id = try await TokenStore(transaction).insert(
        Token.hash(value), user: principal.user.id, name: name, scopes: scopes)
      try await AuditStore(transaction).append(
        "token.create", by: principal, subject: name, detail: scopes.map(\.rawValue).sorted().joined(separator: " "))
      return NewSecret(id: id, value: value)
    }
  }

  public func revokeToken(_ id: Int64, by principal: Principal) async throws {
    try await database.transaction { transaction in
      try Access(transaction, principal).platform(.manageOwnTokens)
      guard try await TokenStore(transaction).revoke(id, of: principal.user.id) else {
        throw MarketError(.notFound, "You have no token \(id) that is valid.")
      }
      try await AuditStore(transaction).append("token.revoke", by: principal, subject: "\(id)")
    }
  }

  /// A token for a program, owned by the platform's own account; for the command line.
  func createSystemToken(name: String, scopes: Set<Scope>) async throws -> NewSecret {
    let system = try await database.transaction { transaction in
      let users = UserStore(transaction)
      let made = try await users.insert(name: "system", passwordHash: nil, isSuperadmin: true, isSystem: true)
      guard let user = try await made == nil ? users.find(named: "system") : made, user.isSystem else {
        throw MarketError(.conflict, "A person is called system, as the platform's own account should be. Rename it.")
      }
      return user
    }
    return try await createToken(name: name, scopes: scopes, by: Principal(user: system))
  }

  // MARK: Rules

  private static func nameTaken(_ name: String) -> MarketError {
    MarketError(
      .nameTaken, "Another user is called \(name). Choose another name.",
      fields: [.init("name", "Another user is called \(name). Choose another name.")])
  }

  private static func validate(name: String? = nil, password: String? = nil) throws {
    var fields: [MarketError.Field] = []
    if let name {
      let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
      if !(1...254).contains(name.count) || !isPlain || name.first == " " || name.last == " " {
        fields.append(
          .init(
            "name", "A user's name has 1 to 254 characters and no space at its ends. An email address is a good one."))
      }
    }
    if let password, !(shortestPassword...1_024).contains(password.count) {
      fields.append(
        .init(
          "password", "A password has \(shortestPassword) characters or more. A few unrelated words make a good one."))
    }
    guard fields.isEmpty else { throw MarketError.invalid(fields) }
  }
}

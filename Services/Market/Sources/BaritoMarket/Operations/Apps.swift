public import BaritoCore

/// What can be done with apps.
public struct Apps: Sendable {
  private let database: Database
  private let settings: OperationSettings
  private let clock: @Sendable () -> Int64

  init(database: Database, settings: OperationSettings, clock: @escaping @Sendable () -> Int64) {
    self.database = database
    self.settings = settings
    self.clock = clock
  }

  /// An app with its group and what it sends.
  public struct Detail: Sendable {
    public var app: App
    public var group: AppGroup
    /// What the one who asks is to the group; nil for a superadmin who is no member.
    public var role: Role?
    public var rate: UsageRate
    public var secrets: [StoredSecret]
    /// The topic in Kafka.
    public var topic: String
    /// What the names of its indices begin with.
    public var indexPrefix: String
  }

  /// An app that was just registered, and its secret, which can be had only now.
  public struct Registered: Sendable {
    public var detail: Detail
    public var secret: NewSecret
  }

  /// What may be said of a new app.
  public struct New: Sendable, Equatable {
    public var name: String
    public var maxTPS: Int?
    public var bytesPerSecond: Int?
    public var retentionDays: Int?
    public var overload: AppProfile.Overload

    public init(
      name: String, maxTPS: Int? = nil, bytesPerSecond: Int? = nil, retentionDays: Int? = nil,
      overload: AppProfile.Overload = .refuse
    ) {
      self.name = name
      self.maxTPS = maxTPS
      self.bytesPerSecond = bytesPerSecond
      self.retentionDays = retentionDays
      self.overload = overload
    }
  }

  /// A new value, or none, of something that may have none.
  public enum Setting<Value: Sendable & Equatable>: Sendable, Equatable {
    case unchanged
    case set(Value?)

    func applied(to old: Value?) -> Value? {
      switch self {
      case .unchanged: old
      case .set(let value): value
      }
    }
  }

  /// What may be changed of an app.
  public struct Change: Sendable, Equatable {
    public var status: AppProfile.Status?
    /// None: only the group's limit holds.
    public var maxTPS: Setting<Int> = .unchanged
    public var bytesPerSecond: Setting<Int> = .unchanged
    /// None: as long as the group's.
    public var retentionDays: Setting<Int> = .unchanged
    public var overload: AppProfile.Overload?

    public init() {}
  }

  /// Registers an app and makes its first secret.
  /// - Throws: `invalid`, `tooManyApps`; `nameTaken`, with the app that has the topic name.
  public func register(_ new: New, in cluster: ClusterName, by principal: Principal) async throws -> Registered {
    let topicName = try Apps.topicName(new.name)
    let value = Token.make(Token.secretPrefix)
    return try await database.profileChange { transaction in
      let found = try await Access(transaction, principal).group(cluster, for: .createApp)
      let group = found.group
      try validate(maxTPS: new.maxTPS, bytes: new.bytesPerSecond, retentionDays: new.retentionDays, in: group)
      let apps = AppStore(transaction)
      if let other = try await apps.find(topicName: topicName, in: group.id) {
        throw nameTaken(new.name, by: other, in: group)
      }
      guard try await apps.count(in: group.id) < group.maximumApps else { throw MarketError.tooManyApps(in: group) }
      let row = AppStore.New(
        group: group.id, name: new.name, topicName: topicName,
        limits: IngestLimits(linesPerSecond: new.maxTPS, bytesPerSecond: new.bytesPerSecond), overload: new.overload,
        retentionDays: new.retentionDays)
      guard let app = try await apps.insert(row),
        let secret = try await SecretStore(transaction).insert(Token.hash(value), of: .app(app.id))
      else { throw MarketError(.internal, "an app that nobody else can have registered could not be") }
      try await AuditStore(transaction).append("app.create", by: principal, group: group.id, subject: app.name)
      return Registered(
        detail: try await detail(app, found, .none, transaction), secret: NewSecret(id: secret, value: value))
    }
  }

  public func find(_ id: AppID, _ principal: Principal) async throws -> Detail {
    let window = RateWindow(now: clock())
    return try await database.snapshot { transaction in
      let (app, group) = try await Access(transaction, principal).app(id, for: .viewGroup)
      let rates = try await UsageStore(transaction).rates(of: [id], in: window)
      return try await detail(app, group, rates[id] ?? .none, transaction)
    }
  }

  /// The apps that one may see, of one group or of all, by name.
  public func list(in cluster: ClusterName? = nil, _ principal: Principal) async throws -> [Detail] {
    let window = RateWindow(now: clock())
    return try await database.snapshot { transaction in
      let access = Access(transaction, principal)
      let groups: [GroupWithRole]
      let apps: [App]
      if let cluster {
        groups = [try await access.group(cluster, for: .viewGroup)]
        apps = try await AppStore(transaction).all(in: groups[0].group.id)
      } else {
        try access.platform(.viewSelf)
        let (user, all) = (principal.user.id, principal.user.isSuperadmin)
        groups = try await GroupStore(transaction).visible(to: user, all: all)
        apps = try await AppStore(transaction).visible(to: user, all: all)
      }
      let rates = try await UsageStore(transaction).rates(of: apps.map(\.id), in: window)
      let secrets = try await SecretStore(transaction).all(of: apps.map(\.id))
      let byID = Dictionary(groups.map { ($0.group.id, $0) }) { first, _ in first }
      return apps.compactMap { app in
        byID[app.group].map { detail(app, $0, rates[app.id] ?? .none, secrets: secrets[app.id] ?? []) }
      }
    }
  }

  public func change(_ id: AppID, _ change: Change, by principal: Principal) async throws -> Detail {
    let window = RateWindow(now: clock())
    return try await database.profileChange { transaction in
      let (app, found) = try await Access(transaction, principal).app(id, for: .changeApp)
      var changed = app
      changed.status = change.status ?? app.status
      changed.limits.linesPerSecond = change.maxTPS.applied(to: app.limits.linesPerSecond)
      changed.limits.bytesPerSecond = change.bytesPerSecond.applied(to: app.limits.bytesPerSecond)
      changed.ownRetentionDays = change.retentionDays.applied(to: app.ownRetentionDays)
      changed.retentionDays = changed.ownRetentionDays ?? found.group.retentionDays
      changed.overload = change.overload ?? app.overload
      try validate(
        maxTPS: changed.limits.linesPerSecond, bytes: changed.limits.bytesPerSecond,
        retentionDays: changed.ownRetentionDays, in: found.group)
      if changed != app {
        try await AppStore(transaction).update(changed)
        try await AuditStore(transaction).append("app.change", by: principal, group: app.group, subject: app.name)
      }
      let rates = try await UsageStore(transaction).rates(of: [id], in: window)
      return try await detail(changed, found, rates[id] ?? .none, transaction)
    }
  }

  /// Ends an app: its secrets are refused, its name is free again. Its lines stay until their retention is over.
  public func delete(_ id: AppID, by principal: Principal) async throws {
    try await database.profileChange { transaction in
      let (app, _) = try await Access(transaction, principal).app(id, for: .deleteApp)
      try await AppStore(transaction).delete(id)
      try await AuditStore(transaction).append("app.delete", by: principal, group: app.group, subject: app.name)
    }
  }

  // MARK: Secrets

  /// - Throws: `tooManySecrets` when two are valid.
  public func createSecret(of id: AppID, by principal: Principal) async throws -> NewSecret {
    let value = Token.make(Token.secretPrefix)
    return try await database.profileChange { transaction in
      let (app, _) = try await Access(transaction, principal).app(id, for: .manageAppSecrets)
      guard let number = try await SecretStore(transaction).insert(Token.hash(value), of: .app(id)) else {
        throw MarketError.tooManySecrets
      }
      try await AuditStore(transaction).append(
        "app.secret.create", by: principal, group: app.group, subject: app.name, detail: "secret \(number)")
      return NewSecret(id: number, value: value)
    }
  }

  /// From the next version of the feed on, no Router takes the secret.
  public func revokeSecret(_ secret: Int64, of id: AppID, by principal: Principal) async throws {
    try await database.profileChange { transaction in
      let (app, _) = try await Access(transaction, principal).app(id, for: .manageAppSecrets)
      guard try await SecretStore(transaction).revoke(secret, of: .app(id)) else {
        throw MarketError(.notFound, "The app has no secret \(secret) that is valid.")
      }
      try await AuditStore(transaction).append(
        "app.secret.revoke", by: principal, group: app.group, subject: app.name, detail: "secret \(secret)")
    }
  }

  // MARK: Usage

  /// An app's counts since a moment, in intervals, oldest first; intervals without any are left out.
  /// - Parameters:
  ///   - seconds: how far back; at most a day.
  ///   - step: length of an interval in seconds; a multiple of ten.
  public func usage(
    of id: AppID, seconds: Int, step: Int, _ principal: Principal
  ) async throws -> (points: [UsagePoint], refusals: [RefusalCount]) {
    let now = clock()
    let from = RateWindow.start(of: now - Int64(seconds) * 1_000)
    return try await database.snapshot { transaction in
      _ = try await Access(transaction, principal).app(id, for: .viewGroup)
      let usage = UsageStore(transaction)
      return (
        try await usage.series(of: id, from: from, step: Int64(max(step, 10)) * 1_000),
        try await usage.refusals(of: id, from: from)
      )
    }
  }

  /// Lines accepted since a moment of all these apps, in intervals, oldest first: for small charts in lists. Only for
  /// apps that `list` has answered to the same person.
  /// - Parameters: as of `usage`.
  func accepted(of ids: [AppID], seconds: Int, step: Int) async throws -> [AppID: [UsagePoint]] {
    let from = RateWindow.start(of: clock() - Int64(seconds) * 1_000)
    return try await database.snapshot { transaction in
      try await UsageStore(transaction).series(of: ids, from: from, step: Int64(max(step, 10)) * 1_000)
    }
  }

  // MARK: Rules

  /// The topic name of a name.
  /// - Throws: `invalid` with the reason.
  public static func topicName(_ name: String) throws -> String {
    do throws(AppName.Refusal) { return try AppName.topicName(for: name) } catch {
      throw MarketError.invalid("name", error.description)
    }
  }

  private func validate(maxTPS: Int?, bytes: Int?, retentionDays: Int?, in group: AppGroup) throws {
    var fields: [MarketError.Field] = []
    let most = group.limits.linesPerSecond ?? group.template.maxTPS
    if let maxTPS, !(1...most).contains(maxTPS) {
      fields.append(
        .init(
          "max_tps",
          "The group \(group.name) carries 1 to \(most) lines per second, not \(maxTPS). Ask for less, or "
            + "raise the group's limit."))
    }
    if let bytes, bytes < 1 {
      fields.append(.init("max_bytes_per_second", "A limit is 1 byte per second or more, not \(bytes)."))
    }
    if let retentionDays, !(1...settings.maximumRetentionDays).contains(retentionDays) {
      fields.append(
        .init("retention_days", "Lines are kept 1 to \(settings.maximumRetentionDays) days, not \(retentionDays)."))
    }
    guard fields.isEmpty else { throw MarketError.invalid(fields) }
  }

  private func nameTaken(_ name: String, by other: App, in group: AppGroup) -> MarketError {
    let topic = settings.naming(of: group).topic(for: other.topicName)
    let detail =
      "The name \(name) becomes the topic \(topic), which the app \(other.name) of this group has already. Choose "
      + "another name."
    return MarketError(.nameTaken, detail, fields: [.init("name", detail)], existing: .app(other))
  }

  private func detail(
    _ app: App, _ found: GroupWithRole, _ rate: UsageRate, _ transaction: Transaction
  ) async throws -> Detail {
    detail(app, found, rate, secrets: try await SecretStore(transaction).all(of: .app(app.id)))
  }

  private func detail(_ app: App, _ found: GroupWithRole, _ rate: UsageRate, secrets: [StoredSecret]) -> Detail {
    let naming = settings.naming(of: found.group)
    return Detail(
      app: app, group: found.group, role: found.role, rate: rate, secrets: secrets,
      topic: naming.topic(for: app.topicName), indexPrefix: naming.indexPrefix(for: app.topicName))
  }
}

extension MarketError {
  static func tooManyApps(in group: AppGroup) -> MarketError {
    MarketError(
      .tooManyApps,
      "The group \(group.name) has \(group.maximumApps) apps, as many as it may. Delete one, or raise its limit.")
  }
}

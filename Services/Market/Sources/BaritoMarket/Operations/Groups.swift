public import BaritoCore
internal import Cryptography

/// What can be done with app groups.
public struct Groups: Sendable {
  private let database: Database
  private let settings: OperationSettings
  private let clock: @Sendable () -> Int64

  init(database: Database, settings: OperationSettings, clock: @escaping @Sendable () -> Int64) {
    self.database = database
    self.settings = settings
    self.clock = clock
  }

  /// A group with all that its page and its API answer show.
  public struct Detail: Sendable {
    public var group: AppGroup
    /// Nil for a superadmin who is no member.
    public var role: Role?
    /// Its newest request to the Provisioner.
    public var infrastructure: Infrastructure?
    /// What happened to that request, oldest first.
    public var steps: [ProvisioningStep]
    public var components: [ComponentState]
    public var secrets: [StoredSecret]
  }

  /// How big a new group's cluster is to be.
  public enum Size: Sendable, Equatable {
    case template(String)
    /// Lines per second; the smallest template that carries them is taken.
    case maxTPS(Int)
  }

  /// What may be changed of a group; nil leaves it as it is.
  public struct Change: Sendable, Equatable {
    public var name: String?
    public var isEnabled: Bool?
    public var maximumApps: Int?
    public var linesPerSecond: Int?
    /// None: only lines are limited.
    public var bytesPerSecond: Apps.Setting<Int>
    public var retentionDays: Int?

    public init(
      name: String? = nil, isEnabled: Bool? = nil, maximumApps: Int? = nil, linesPerSecond: Int? = nil,
      bytesPerSecond: Apps.Setting<Int> = .unchanged, retentionDays: Int? = nil
    ) {
      self.name = name
      self.isEnabled = isEnabled
      self.maximumApps = maximumApps
      self.linesPerSecond = linesPerSecond
      self.bytesPerSecond = bytesPerSecond
      self.retentionDays = retentionDays
    }
  }

  /// Registers a group, owned by who registers it, and asks the Provisioner for its cluster.
  /// - Throws: `invalid`; `nameTaken`, with the group where it may be seen.
  public func create(name: String, size: Size, by principal: Principal) async throws -> AppGroup {
    try Groups.validate(name: name)
    let template = try template(for: size)
    return try await database.profileChange { transaction in
      try Access(transaction, principal).platform(.createGroup)
      let groups = GroupStore(transaction)
      let new = GroupStore.New(
        clusterName: try await groups.nextClusterName(), name: name, template: template,
        maximumApps: settings.maximumApps, limits: IngestLimits(linesPerSecond: template.maxTPS),
        retentionDays: settings.retentionDays, createdBy: principal.user.id)
      guard let group = try await groups.insert(new) else { throw try await nameTaken(name, transaction, principal) }
      try await MemberStore(transaction).put(principal.user.id, in: group.id, role: .owner)
      try await request(.create, group, transaction)
      try await AuditStore(transaction).append(
        "group.create", by: principal, group: group.id, subject: name, detail: "template \(template.name)")
      return group
    }
  }

  /// A group as lists show it.
  public struct Listed: Sendable {
    public var group: AppGroup
    /// Nil for a superadmin who is no member.
    public var role: Role?
    /// Its newest request to the Provisioner.
    public var infrastructure: Infrastructure?
  }

  /// The groups that one may see, by name.
  public func list(_ principal: Principal) async throws -> [Listed] {
    try await database.snapshot { transaction in
      try Access(transaction, principal).platform(.viewSelf)
      let all = try await GroupStore(transaction).visible(to: principal.user.id, all: principal.user.isSuperadmin)
      let infrastructures = try await ProvisioningStore(transaction).newest(of: all.map(\.group.id))
      return all.map { Listed(group: $0.group, role: $0.role, infrastructure: infrastructures[$0.group.id]) }
    }
  }

  public func find(_ cluster: ClusterName, _ principal: Principal) async throws -> Detail {
    try await database.snapshot { transaction in
      let found = try await Access(transaction, principal).group(cluster, for: .viewGroup)
      let provisioning = ProvisioningStore(transaction)
      let infrastructure = try await provisioning.newest(of: found.group.id)
      return Detail(
        group: found.group, role: found.role, infrastructure: infrastructure,
        steps: try await infrastructure.map(\.requestID).asyncMap(provisioning.events) ?? [],
        components: try await provisioning.components(of: found.group.id),
        secrets: try await SecretStore(transaction).all(of: .group(found.group.id)))
    }
  }

  public func change(_ cluster: ClusterName, _ change: Change, by principal: Principal) async throws -> AppGroup {
    if let name = change.name { try Groups.validate(name: name) }
    return try await database.profileChange { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .changeGroup).group
      try validate(change, of: group)
      if let name = change.name, let other = try await GroupStore(transaction).find(named: name), other.id != group.id {
        throw try await nameTaken(name, transaction, principal)
      }
      var changed = group
      changed.name = change.name ?? group.name
      changed.isEnabled = change.isEnabled ?? group.isEnabled
      changed.maximumApps = change.maximumApps ?? group.maximumApps
      changed.limits.linesPerSecond = change.linesPerSecond ?? group.limits.linesPerSecond
      changed.limits.bytesPerSecond = change.bytesPerSecond.applied(to: group.limits.bytesPerSecond)
      changed.retentionDays = change.retentionDays ?? group.retentionDays
      guard changed != group else { return group }
      try await GroupStore(transaction).update(changed)
      if changed.retentionDays != group.retentionDays { try await GroupStore(transaction).touchApps(of: group.id) }
      try await AuditStore(transaction).append("group.change", by: principal, group: group.id, subject: changed.name)
      return changed
    }
  }

  /// Ends a group: its secrets at once, its cluster as soon as the Provisioner has done it. Its name is free again, the
  /// name of its cluster is not.
  public func delete(_ cluster: ClusterName, by principal: Principal) async throws {
    try await database.profileChange { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .deleteGroup).group
      try await GroupStore(transaction).delete(group.id)
      try await request(.delete, group, transaction)
      try await AuditStore(transaction).append("group.delete", by: principal, group: group.id, subject: group.name)
    }
  }

  /// Asks the Provisioner again, after an error that a person has mended.
  /// - Throws: `conflict` unless the newest request failed.
  public func retryProvisioning(_ cluster: ClusterName, by principal: Principal) async throws {
    try await database.profileChange { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .retryProvisioning).group
      guard let newest = try await ProvisioningStore(transaction).newest(of: group.id), newest.state.status.isError
      else {
        throw MarketError(.conflict, "Provisioning of \(group.name) has not failed, so there is nothing to retry.")
      }
      try await request(newest.kind, group, transaction)
      try await AuditStore(transaction).append("group.retry", by: principal, group: group.id, subject: group.name)
    }
  }

  // MARK: Secrets

  /// A secret with which a sender may write to any app of the group, and make new ones.
  public func createSecret(_ cluster: ClusterName, by principal: Principal) async throws -> NewSecret {
    let value = Token.make(Token.groupSecretPrefix)
    return try await database.profileChange { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .manageGroupSecrets).group
      guard let id = try await SecretStore(transaction).insert(Token.hash(value), of: .group(group.id)) else {
        throw MarketError.tooManySecrets
      }
      try await AuditStore(transaction).append(
        "group.secret.create", by: principal, group: group.id, subject: group.name, detail: "secret \(id)")
      return NewSecret(id: id, value: value)
    }
  }

  public func revokeSecret(_ id: Int64, of cluster: ClusterName, by principal: Principal) async throws {
    try await database.profileChange { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .manageGroupSecrets).group
      guard try await SecretStore(transaction).revoke(id, of: .group(group.id)) else {
        throw MarketError(.notFound, "The group has no secret \(id) that is valid.")
      }
      try await AuditStore(transaction).append(
        "group.secret.revoke", by: principal, group: group.id, subject: group.name, detail: "secret \(id)")
    }
  }

  // MARK: Rules

  /// The template that a size means.
  public func template(for size: Size) throws -> ClusterTemplate {
    switch size {
    case .template(let name):
      guard let template = settings.templates.first(where: { $0.name == name }) else {
        let names = settings.templates.map(\.name).joined(separator: ", ")
        throw MarketError.invalid("template", "There is no template \(name). Choose from \(names).")
      }
      return template
    case .maxTPS(let maxTPS):
      let most = settings.templates.map(\.maxTPS).max() ?? 0
      guard maxTPS > 0, let template = settings.templates.first(where: { $0.maxTPS >= maxTPS }) else {
        throw MarketError.invalid(
          "max_tps", "A group carries 1 to \(most) lines per second, not \(maxTPS). Split what sends more into groups.")
      }
      return template
    }
  }

  private func validate(_ change: Change, of group: AppGroup) throws {
    var fields: [MarketError.Field] = []
    if let apps = change.maximumApps, !(1...10_000).contains(apps) {
      fields.append(.init("maximum_apps", "A group has 1 to 10000 apps, not \(apps)."))
    }
    if let lines = change.linesPerSecond, !(1...group.template.maxTPS).contains(lines) {
      fields.append(
        .init(
          "max_tps",
          "The template \(group.template.name) carries 1 to \(group.template.maxTPS) lines per second, not \(lines)."))
    }
    if let bytes = change.bytesPerSecond.applied(to: nil), bytes < 1 {
      fields.append(.init("max_bytes_per_second", "A limit is 1 byte per second or more, not \(bytes)."))
    }
    if let days = change.retentionDays, !(1...settings.maximumRetentionDays).contains(days) {
      fields.append(
        .init("retention_days", "Lines are kept 1 to \(settings.maximumRetentionDays) days, not \(days)."))
    }
    guard fields.isEmpty else { throw MarketError.invalid(fields) }
  }

  private static func validate(name: String) throws {
    do throws(AppName.Refusal) { try AppName.validate(name) } catch {
      throw MarketError.invalid("name", error.description)
    }
  }

  private func nameTaken(
    _ name: String, _ transaction: Transaction, _ principal: Principal
  ) async throws -> MarketError {
    let detail = "Another group is called \(name). Choose another name."
    guard let other = try await GroupStore(transaction).find(named: name) else {
      return MarketError(.nameTaken, detail, fields: [.init("name", detail)])
    }
    let role = try await MemberStore(transaction).role(of: principal.user.id, in: other.id)
    let isVisible = Policy.mayKnow(of: role, principal)
    return MarketError(
      .nameTaken, detail, fields: [.init("name", detail)], existing: isVisible ? .group(other) : nil)
  }

  /// Writes the request, and what is to be sent of it, in the transaction of the change.
  private func request(
    _ kind: ProvisioningRequest.Kind, _ group: AppGroup, _ transaction: Transaction
  ) async throws {
    let request = ProvisioningRequest(
      id: Base64URL.encode(randomBytes(15)), kind: kind, clusterName: group.clusterName, groupName: group.name,
      template: group.template, requestedAt: clock())
    try await ProvisioningStore(transaction).insert(request, group: group.id)
    try await OutboxStore(transaction).append(
      topic: PlatformTopic.provisioningRequests, key: group.clusterName.rawValue, value: try JSONText.encode(request))
  }
}

extension MarketError {
  static let tooManySecrets = MarketError(
    .tooManySecrets, "Two secrets are valid already. Revoke the one that is not used any more, then make a new one.")
}

extension Optional {
  fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
    guard let self else { return nil }
    return try await transform(self)
  }
}

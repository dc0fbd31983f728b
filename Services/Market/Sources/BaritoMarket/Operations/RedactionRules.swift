public import BaritoCore
import Blocking
public import Redaction

/// What is taken out of documents, of apps and of groups: seen, set, and tried on a sample.
public struct RedactionRules: Sendable {
  private let database: Database
  /// Patterns of users are compiled and tried here, so that none holds up requests.
  private let thread = BlockingThread(label: "barito.redaction")

  init(database: Database) { self.database = database }

  /// The rules of an app or of a group.
  public struct Detail: Sendable, Equatable {
    /// Nil where an app has none of its own.
    public var own: [RedactionRule]?
    /// What an app has from its group where it has none of its own.
    public var inherited: [RedactionRule]

    /// What holds: an app's own rules replace its group's.
    public var effective: [RedactionRule] { own ?? inherited }
  }

  public func find(_ id: AppID, _ principal: Principal) async throws -> Detail {
    try await database.snapshot { transaction in
      let (app, found) = try await Access(transaction, principal).app(id, for: .viewGroup)
      return Detail(own: app.redaction, inherited: found.group.redaction)
    }
  }

  public func find(_ cluster: ClusterName, _ principal: Principal) async throws -> Detail {
    try await database.snapshot { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .viewGroup).group
      return Detail(own: group.redaction, inherited: [])
    }
  }

  /// - Parameter change: from what there is to what is to be; nil as an answer: as the group says.
  /// - Throws: `invalid`, with each rule that cannot be; `conflict` when somebody else was faster.
  public func change(
    _ id: AppID, by principal: Principal, _ change: @Sendable (Detail) throws -> [RedactionRule]?
  ) async throws -> Detail {
    let known = try await database.snapshot { transaction in
      let (app, found) = try await Access(transaction, principal).app(id, for: .changeApp)
      return Detail(own: app.redaction, inherited: found.group.redaction)
    }
    let rules = try change(known)
    // Before the feed is held: patterns take their time.
    try await validate(rules ?? [])
    return try await database.profileChange { transaction in
      let (app, found) = try await Access(transaction, principal).app(id, for: .changeApp)
      guard app.redaction == known.own else { throw RedactionRules.overtaken }
      if rules != app.redaction {
        var changed = app
        changed.redaction = rules
        try await AppStore(transaction).update(changed)
        try await AuditStore(transaction).append(
          "app.redaction.change", by: principal, group: app.group, subject: app.name,
          detail: rules.map(RedactionRules.words) ?? "as the group")
      }
      return Detail(own: rules, inherited: found.group.redaction)
    }
  }

  /// - Throws: `invalid`, with each rule that cannot be; `conflict` when somebody else was faster.
  public func change(
    _ cluster: ClusterName, by principal: Principal, _ change: @Sendable ([RedactionRule]) throws -> [RedactionRule]
  ) async throws -> Detail {
    let known = try await database.snapshot { transaction in
      try await Access(transaction, principal).group(cluster, for: .changeGroup).group.redaction
    }
    let rules = try change(known)
    try await validate(rules)
    return try await database.profileChange { transaction in
      let group = try await Access(transaction, principal).group(cluster, for: .changeGroup).group
      guard group.redaction == known else { throw RedactionRules.overtaken }
      if rules != group.redaction {
        var changed = group
        changed.redaction = rules
        try await GroupStore(transaction).update(changed)
        try await AuditStore(transaction).append(
          "group.redaction.change", by: principal, group: group.id, subject: group.name,
          detail: RedactionRules.words(rules))
      }
      return Detail(own: rules, inherited: [])
    }
  }

  private static let overtaken = MarketError(
    .conflict, "Somebody else has changed the rules meanwhile. Look at them again, then repeat it.")

  /// As many lines as can be tried at once.
  public static let maximumSample = 100

  /// What rules would do to lines of an app. Nothing is kept of them.
  /// - Parameter rules: nil tries what holds.
  public func attempt(
    _ rules: [RedactionRule]?, on lines: [String], of id: AppID, by principal: Principal
  ) async throws -> RedactionTrial {
    let effective = try await database.snapshot { transaction in
      let (app, found) = try await Access(transaction, principal).app(id, for: .changeApp)
      return app.redaction ?? found.group.redaction
    }
    return try await attempt(rules ?? effective, on: lines)
  }

  /// The same for a group.
  public func attempt(
    _ rules: [RedactionRule]?, on lines: [String], of cluster: ClusterName, by principal: Principal
  ) async throws -> RedactionTrial {
    let effective = try await database.snapshot { transaction in
      try await Access(transaction, principal).group(cluster, for: .changeGroup).group.redaction
    }
    return try await attempt(rules ?? effective, on: lines)
  }

  private func attempt(_ rules: [RedactionRule], on lines: [String]) async throws -> RedactionTrial {
    guard lines.count <= RedactionRules.maximumSample else {
      throw MarketError.invalid(
        "lines", "There are \(lines.count) lines; \(RedactionRules.maximumSample) can be tried at once.")
    }
    try await validate(rules)
    return await thread.run { RedactionTrial(rules, on: lines) }
  }

  private func validate(_ rules: [RedactionRule]) async throws {
    let faults = await thread.run { RedactionCheck.faults(in: rules) }
    guard faults.isEmpty else { throw MarketError.invalid(faults.map(MarketError.Field.init)) }
  }

  private static func words(_ rules: [RedactionRule]) -> String {
    rules.isEmpty ? "none" : rules.map(\.name).joined(separator: ", ")
  }
}

extension MarketError.Field {
  fileprivate init(_ fault: RedactionFault) {
    let name = fault.rule.map { "rules[\($0)].\(fault.member)" } ?? fault.member
    self.init(name, fault.detail)
  }
}

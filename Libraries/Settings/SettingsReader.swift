/// The settings of a program that has started: all present, all valid. Reading cannot fail.
public struct SettingsReader: Sendable {
  /// The names of the subcommands that were given, outermost first.
  public let command: [String]
  /// The arguments that belong to no option.
  public let positionals: [String]
  private let values: [String: any Sendable]
  private let families: [String: [String: String]]
  let entries: [String: Entry]

  /// What `--print-config` tells of a value.
  struct Entry: Sendable {
    var text: String
    /// Nil for a default.
    var origin: String?
  }

  /// Keeps the type beside the value: an optional that is nil survives the existential.
  struct Stored<Value: Sendable>: Sendable { let value: Value }

  init(
    command: [String], positionals: [String], values: [String: any Sendable], families: [String: [String: String]],
    entries: [String: Entry]
  ) {
    self.command = command
    self.positionals = positionals
    self.values = values
    self.families = families
    self.entries = entries
  }

  /// The value of a setting. The program must have declared it.
  public subscript<Value>(_ setting: Setting<Value>) -> Value {
    guard let stored = values[setting.declaration.key] as? Stored<Value> else {
      fatalError("\(setting.declaration.key) is read but not in the program's list of settings: add it there")
    }
    return stored.value
  }

  /// What was given under a prefix, by name without the prefix.
  public subscript(_ family: SettingFamily) -> [String: String] {
    guard let values = families[family.declaration.key] else {
      fatalError("\(family.declaration.key) is read but not in the program's list of settings: add it there")
    }
    return values
  }

  /// Whether somebody gave a value, rather than the default holding.
  public func isGiven(_ setting: some DeclaredSetting) -> Bool { origin(of: setting) != nil }

  /// Where a value came from, such as `environment BARITO_LISTEN`; nil for a default.
  public func origin(of setting: some DeclaredSetting) -> String? { entries[setting.declaration.key]?.origin }

  /// Checks rules between settings; call it at the end of a configuration's initialiser.
  ///
  /// ```swift
  /// try settings.verify { rules in
  ///   rules.require(maxLine <= maxBody, Self.maxLine, "is larger than ingest.max-body", remedy: "raise that or lower this")
  /// }
  /// ```
  public func verify(_ body: (inout SettingsRules) -> Void) throws(SettingsErrors) {
    var rules = SettingsRules(reader: self)
    body(&rules)
    guard rules.problems.isEmpty else { throw SettingsErrors(rules.problems) }
  }
}

/// Collects what breaks a rule between settings.
public struct SettingsRules {
  let reader: SettingsReader
  var problems: [SettingsErrors.Problem] = []

  /// - Parameters:
  ///   - what: goes on after the key: `is larger than ingest.max-body`.
  ///   - remedy: an order: `raise ingest.max-body`.
  public mutating func require(
    _ condition: Bool, _ setting: some DeclaredSetting, _ what: String, remedy: String
  ) {
    guard !condition else { return }
    problems.append(.init(setting.declaration.key, origin: reader.origin(of: setting), what, remedy: remedy))
  }
}

extension Program {
  /// The text of `--help`: usage, arguments, commands, options with their defaults and environment names.
  public func help() -> String { help(path: [name], inherited: []) }

  /// A Markdown table of the settings, for a README.
  public func configurationTable() -> String { table(inherited: [], prefix: environmentPrefix) }

  func help(path: [String], inherited: [any DeclaredSetting]) -> String {
    var usage = path.joined(separator: " ") + " [options]"
    if !commands.isEmpty { usage += " [command]" }
    for positional in positionals {
      switch positional.count {
      case .one: usage += " <\(positional.name)>"
      case .optional: usage += " [<\(positional.name)>]"
      case .any: usage += " [<\(positional.name)> …]"
      }
    }
    var sections = ["\(summary)\n\nUsage: \(usage)\n"]
    if !positionals.isEmpty {
      sections.append("Arguments:\n" + Self.columns(positionals.map { ("<\($0.name)>", $0.meaning) }))
    }
    if !commands.isEmpty { sections.append("Commands:\n" + Self.columns(commands.map { ($0.name, $0.summary) })) }
    let own = settings.map(\.declaration)
    if !own.isEmpty { sections.append("Options:\n" + own.map(Self.entry).joined()) }
    if !inherited.isEmpty {
      sections.append("Common options:\n" + inherited.map(\.declaration).map(Self.entry).joined())
    }
    sections.append("General options:\n" + Self.columns(general))
    if !examples.isEmpty {
      sections.append("Examples:\n" + examples.map { "  \($0.line)\n      \($0.meaning)\n" }.joined())
    }
    if let environmentPrefix {
      sections.append(
        "An option --a-b can also be given as the environment variable \(environmentPrefix)_A_B"
          + (isConfigurable ? ", or as the line\na.b = value of the configuration file.\n" : ".\n"))
    }
    return sections.joined(separator: "\n")
  }

  private var general: [(String, String)] {
    var options = [("-h, --help", "Print this text.")]
    if version != nil { options.append(("--version", "Print the version.")) }
    if isConfigurable {
      let variable = environmentPrefix.map { " (\($0)_CONFIG)" } ?? ""
      options += [
        ("--config FILE", "Read settings from a file\(variable)."),
        ("--check-config", "Check the settings, and exit."),
        ("--print-config", "Print the settings and where they came from, secrets masked, and exit."),
        ("--print-config-table", "Print the settings as a Markdown table, and exit."),
      ]
    }
    return options
  }

  private static func entry(_ setting: SettingDeclaration) -> String {
    let short = setting.short.map { "-\($0), " } ?? ""
    let value = setting.isFlag ? "" : " <\(setting.typeName)>"
    var notes: [String] = []
    if setting.isRequired { notes.append("required") }
    if let text = setting.defaultText, !text.isEmpty, !(setting.isFlag && text == "false") {
      notes.append("default \(setting.isSecret ? "a secret" : text)")
    }
    if setting.isSecret { notes.append("secret, or in a file: \(setting.option)-file") }
    if setting.isFamily { notes.append("repeatable") }
    let note = notes.isEmpty ? "" : " [\(notes.joined(separator: "; "))]"
    return "  \(short)\(setting.option)\(value)\n      \(setting.meaning)\(note)\n"
  }

  private static func columns(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "  \($0.0)\(String(repeating: " ", count: width - $0.0.count))  \($0.1)\n" }.joined()
  }

  func table(inherited: [any DeclaredSetting], prefix: String?) -> String {
    var text = "| setting | environment | type | default | meaning |\n|---|---|---|---|---|\n"
    for setting in (inherited + settings).map(\.declaration) {
      let key = setting.isFamily ? "\(setting.key).*" : setting.key
      let variable = prefix.map { "`\(setting.environmentName(prefix: $0))\(setting.isFamily ? "_*" : "")`" } ?? ""
      let value = setting.defaultText.map { $0.isEmpty ? "" : setting.isSecret ? "secret" : "`\($0)`" } ?? "required"
      let meaning = setting.meaning + (setting.isSecret ? " Secret." : "")
      let cells = ["`\(key)`", variable, setting.typeName, value, meaning]
      text += "| \(cells.map(\.escapedForCell).joined(separator: " | ")) |\n"
    }
    return text
  }
}

extension SettingsReader {
  /// `key = value  # origin`, secrets masked.
  func listing(of settings: [any DeclaredSetting]) -> String {
    var text = ""
    for setting in settings.map(\.declaration) {
      if setting.isFamily {
        let names = entries.keys.filter { $0.hasPrefix("\(setting.key).") }.sorted()
        for name in names { text += line(name, isSecret: Self.soundsSecret(name)) }
      } else {
        text += line(setting.key, isSecret: setting.isSecret)
      }
    }
    return text
  }

  private func line(_ key: String, isSecret: Bool) -> String {
    guard let entry = entries[key] else { return "" }
    let value = isSecret && !entry.text.isEmpty ? "********" : entry.text
    return "\(key) = \(value)  # \(entry.origin ?? "default")\n"
  }

  /// A library's own settings are not declared secret here: their names must tell.
  private static func soundsSecret(_ name: String) -> Bool {
    ["password", "secret", "token", "pem", "jaas"].contains { name.lowercased().contains($0) }
  }
}

extension String {
  fileprivate var escapedForCell: String {
    split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}

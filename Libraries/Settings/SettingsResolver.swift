/// Finds each setting's value in the sources and reads it, collecting what is wrong.
struct SettingsResolver {
  private let arguments: ParsedArguments
  private let prefix: String?
  private let environment: [String: String]
  private let configFile: (path: String, origin: String)?
  private var file: ConfigurationFile?
  private var problems: [SettingsErrors.Problem]

  /// Texts of a setting and where they were found.
  private struct Found {
    var texts: [String]
    var origin: String
  }

  /// - Parameter file: a configuration file whatever the sources say.
  init(
    _ arguments: ParsedArguments, prefix: String?, isConfigurable: Bool, environment: [String: String],
    file: String? = nil
  ) {
    self.arguments = arguments
    self.prefix = prefix
    self.environment = environment
    self.problems = arguments.problems
    let variable = prefix.map { "\($0)_CONFIG" }
    if let path = file {
      configFile = (path, path)
    } else if let path = arguments.configFile {
      configFile = (path, "argument --config")
    } else if isConfigurable, let variable, let path = environment[variable], !path.isEmpty {
      configFile = (path, "environment \(variable)")
    } else {
      configFile = nil
    }
  }

  mutating func resolve(_ readFile: (String) throws -> String) throws(SettingsErrors) -> SettingsReader {
    if let configFile, let text = read(configFile.path, "config", configFile.origin, readFile) {
      let file = ConfigurationFile(path: configFile.path, text: text)
      problems += file.problems
      self.file = file
      reportUnknownKeys(file)
    }
    var values: [String: any Sendable] = [:]
    var families: [String: [String: String]] = [:]
    var entries: [String: SettingsReader.Entry] = [:]
    for setting in arguments.settings {
      if let family = setting as? SettingFamily {
        families[family.declaration.key] = members(of: family.declaration, &entries)
      } else {
        resolve(setting, readFile, &values, &entries)
      }
    }
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return SettingsReader(
      command: arguments.command, positionals: arguments.positionals, values: values, families: families,
      entries: entries)
  }

  private mutating func resolve(
    _ setting: any DeclaredSetting, _ readFile: (String) throws -> String, _ values: inout [String: any Sendable],
    _ entries: inout [String: SettingsReader.Entry]
  ) {
    guard let setting = setting as? any ResolvableSetting else {
      fatalError("\(setting.declaration.key) is neither a Setting nor a SettingFamily")
    }
    let declaration = setting.declaration
    let problemsBefore = problems.count
    let found = find(declaration, readFile)
    guard problems.count == problemsBefore else { return }
    do {
      guard let (stored, text) = try setting.value(of: found?.texts) else {
        problems.append(.init(declaration.key, "is required and not given", remedy: waysToGive(declaration)))
        return
      }
      values[declaration.key] = stored
      entries[declaration.key] = .init(text: text, origin: found?.origin)
    } catch {
      let shown = declaration.isSecret ? "the secret" : "\"\(found?.texts.joined(separator: " ") ?? "")\""
      problems.append(
        .init(declaration.key, origin: found?.origin, "\(shown) \(error.what)", remedy: error.remedy))
    }
  }

  /// The first source that has the setting, or the file that stands in for a secret.
  private mutating func find(_ setting: SettingDeclaration, _ readFile: (String) throws -> String) -> Found? {
    let fileKey = "\(setting.key).file"
    for source in [inArguments, inEnvironment, inFile] {
      let value = source(setting, "")
      let path = setting.isSecret ? source(setting, ".file") : nil
      switch (value, path) {
      case (nil, nil): continue
      case (let value?, nil): return value
      case (let value?, let path?):
        problems.append(
          .init(
            setting.key, origin: value.origin, "is given as a value and as a file (\(path.origin))",
            remedy: "remove one"))
        return nil
      case (nil, let path?):
        guard let text = read(path.texts.last ?? "", fileKey, path.origin, readFile) else { return nil }
        return Found(texts: [text.droppingLineEnds], origin: path.origin)
      }
    }
    return nil
  }

  private var inArguments: (SettingDeclaration, String) -> Found? {
    { [arguments] setting, suffix in
      arguments.given[setting.key + suffix].map { Found(texts: $0.values, origin: "argument \($0.option)") }
    }
  }

  /// An empty variable counts as absent: that is what `X=${X:-}` in a compose file means.
  private var inEnvironment: (SettingDeclaration, String) -> Found? {
    { [prefix, environment] setting, suffix in
      guard let prefix else { return nil }
      let name = setting.environmentName(prefix: prefix) + (suffix.isEmpty ? "" : "_FILE")
      guard let value = environment[name], !value.isEmpty else { return nil }
      return Found(texts: [value], origin: "environment \(name)")
    }
  }

  private var inFile: (SettingDeclaration, String) -> Found? {
    { [file] setting, suffix in
      guard let file, let line = file.lines.first(where: { $0.key == setting.key + suffix }) else { return nil }
      return Found(texts: [line.value], origin: file.origin(line.number))
    }
  }

  /// All sources together; for one name arguments win over environment over file.
  private mutating func members(
    of family: SettingDeclaration, _ entries: inout [String: SettingsReader.Entry]
  ) -> [String: String] {
    var members: [String: String] = [:]
    func take(_ name: String, _ value: String, _ origin: String) {
      members[name] = value
      entries["\(family.key).\(name)"] = .init(text: value, origin: origin)
      entries[family.key] = .init(text: "", origin: origin)
    }
    if let file {
      for line in file.lines where line.key.hasPrefix("\(family.key).") {
        take(String(line.key.dropFirst(family.key.count + 1)), line.value, file.origin(line.number))
      }
    }
    if let prefix {
      let start = "\(family.environmentName(prefix: prefix))_"
      for (variable, value) in environment where variable.hasPrefix(start) && variable.count > start.count {
        let name = variable.dropFirst(start.count).lowercased().map { $0 == "_" ? "." : $0 }
        take(String(name), value, "environment \(variable)")
      }
    }
    for text in arguments.given[family.key]?.values ?? [] {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        problems.append(
          .init(
            family.key, origin: "argument \(family.option)", "\"\(text)\" has no name or no value",
            remedy: "write \(family.option) name=value"))
        continue
      }
      take(text[..<equals].trimmingBlanks, String(text[text.index(after: equals)...]), "argument \(family.option)")
    }
    return members
  }

  private mutating func reportUnknownKeys(_ file: ConfigurationFile) {
    // A shared file may hold settings of the program's commands.
    let all = arguments.root.allSettings.map(\.declaration)
    var known = Set(all.filter { !$0.isFamily }.map(\.key))
    known.formUnion(all.filter(\.isSecret).map { "\($0.key).file" })
    let families = all.filter(\.isFamily).map { "\($0.key)." }
    for line in file.lines where !known.contains(line.key) && !families.contains(where: line.key.hasPrefix) {
      let nearest = NearestName.of(line.key, among: known.sorted())
      problems.append(
        .init(
          line.key, origin: file.origin(line.number), "is not a setting",
          remedy: nearest.map { "did you mean \($0)?" } ?? "see --help"))
    }
  }

  private mutating func read(
    _ path: String, _ key: String, _ origin: String, _ readFile: (String) throws -> String
  ) -> String? {
    do { return try readFile(path) } catch {
      problems.append(
        .init(
          key, origin: origin, "names the file \(path), which cannot be read: \(error)",
          remedy: "check its name and permissions"))
      return nil
    }
  }

  private func waysToGive(_ setting: SettingDeclaration) -> String {
    let value = setting.isSecret ? "VALUE" : "<\(setting.typeName)>"
    guard let prefix else { return "give \(setting.option)=\(value)" }
    let variable = setting.environmentName(prefix: prefix)
    let file = setting.isSecret ? " or \(variable)_FILE" : ""
    return "give \(setting.option)=\(value) or set \(variable)\(file)"
  }
}

/// Opens a setting of any type to the resolver.
protocol ResolvableSetting: DeclaredSetting {
  /// The value of the texts, or the default where there are none; nil where there is no default. With its text.
  func value(of texts: [String]?) throws(SettingFault) -> (stored: any Sendable, text: String)?
}

extension Setting: ResolvableSetting {
  func value(of texts: [String]?) throws(SettingFault) -> (stored: any Sendable, text: String)? {
    guard let texts else { return fallback.map { (SettingsReader.Stored(value: $0), $0.settingText) } }
    let value = try Value.parseSettings(texts)
    if let fault = check(value) { throw fault }
    return (SettingsReader.Stored(value: value), value.settingText)
  }
}

extension Program {
  /// Its own settings and those of all its commands.
  fileprivate var allSettings: [any DeclaredSetting] { settings + commands.flatMap(\.allSettings) }
}

extension String {
  /// Editors end a file with a line end that is not part of the secret.
  fileprivate var droppingLineEnds: String {
    var text = self[...]
    while let last = text.last, last.isNewline { text.removeLast() }
    return String(text)
  }
}

/// Arguments taken apart: which option was given what, nothing of it interpreted yet.
struct ParsedArguments {
  enum Request { case run, help, version, checkConfig, printConfig, printConfigTable }

  /// What a setting was given, and the spelling it was given by.
  struct Given: Equatable {
    var option: String
    var values: [String]
  }

  let root: Program
  var request = Request.run
  /// The program, or the innermost command that was named.
  var program: Program
  var command: [String] = []
  /// Settings of the programs around the command.
  var inherited: [any DeclaredSetting] = []
  var positionals: [String] = []
  /// By key; a secret's file by key with `.file`.
  var given: [String: Given] = [:]
  var configFile: String?
  var problems: [SettingsErrors.Problem] = []

  /// All settings that hold, of the innermost command last.
  var settings: [any DeclaredSetting] { inherited + program.settings }

  init(_ arguments: [String], of program: Program) {
    self.program = program
    self.root = program
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        positionals += rest
        break
      } else if argument.hasPrefix("--") {
        takeLong(argument, &rest)
      } else if argument.hasPrefix("-"), argument.count > 1 {
        takeShort(argument, &rest)
      } else if positionals.isEmpty, let command = self.program.commands.first(where: { $0.name == argument }) {
        inherited += self.program.settings
        self.program = command
        self.command.append(argument)
      } else {
        positionals.append(argument)
      }
    }
    checkPositionals()
  }

  private mutating func takeLong(_ argument: String, _ rest: inout ArraySlice<String>) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let option = String(parts[0])
    let value = parts.count == 2 ? String(parts[1]) : nil
    if takeRequest(option, value) { return }
    if option == "--config", root.isConfigurable {
      configFile = value ?? next(of: option, &rest)
      return
    }
    for setting in settings.map(\.declaration) {
      if setting.option == option {
        guard setting.isFlag else {
          if let value = value ?? next(of: option, &rest) { give(setting.key, option, value) }
          return
        }
        return give(setting.key, option, value ?? "true")
      }
      if setting.isFlag, value == nil, option == "--no-\(setting.option.dropFirst(2))" {
        return give(setting.key, option, "false")
      }
      if setting.isSecret, option == "\(setting.option)-file" {
        if let value = value ?? next(of: option, &rest) { give("\(setting.key).file", option, value) }
        return
      }
    }
    reportUnknown(option)
  }

  private mutating func takeRequest(_ option: String, _ value: String?) -> Bool {
    guard value == nil else { return false }
    switch option {
    case "--help": request = .help
    case "--version" where root.version != nil: if request != .help { request = .version }
    case "--check-config" where root.isConfigurable: if request == .run { request = .checkConfig }
    case "--print-config" where root.isConfigurable: if request == .run { request = .printConfig }
    case "--print-config-table" where root.isConfigurable: if request == .run { request = .printConfigTable }
    default: return false
    }
    return true
  }

  /// `-f`, `-fv` for flags; `-l 5`, `-l5`, `-l=5` for a value.
  private mutating func takeShort(_ argument: String, _ rest: inout ArraySlice<String>) {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      guard let setting = settings.map(\.declaration).first(where: { $0.short == letter }) else {
        if letter == "h" {
          request = .help
          continue
        }
        let known = settings.compactMap { $0.declaration.short.map { "-\($0)" } }
        let remedy = known.isEmpty ? "see --help" : "use one of \(known.joined(separator: ", ")), or see --help"
        problems.append(.init("-\(letter)", "is not an option", remedy: remedy))
        return
      }
      if setting.isFlag {
        give(setting.key, "-\(letter)", "true")
      } else {
        if letters.first == "=" { letters.removeFirst() }
        if let value = letters.isEmpty ? next(of: "-\(letter)", &rest) : String(letters) {
          give(setting.key, "-\(letter)", value)
        }
        return
      }
    }
  }

  private mutating func next(of option: String, _ rest: inout ArraySlice<String>) -> String? {
    guard let value = rest.first, !value.hasPrefix("--") else {
      problems.append(.init(option, "has no value", remedy: "write \(option)=VALUE"))
      return nil
    }
    rest.removeFirst()
    return value
  }

  private mutating func give(_ key: String, _ option: String, _ value: String) {
    given[key, default: Given(option: option, values: [])].values.append(value)
  }

  private mutating func reportUnknown(_ option: String) {
    var known = settings.map(\.declaration.option) + ["--help"]
    known += settings.map(\.declaration).filter(\.isSecret).map { "\($0.option)-file" }
    if root.version != nil { known.append("--version") }
    if root.isConfigurable { known += ["--config", "--check-config", "--print-config", "--print-config-table"] }
    let nearest = NearestName.of(option, among: known)
    problems.append(
      .init(option, "is not an option", remedy: nearest.map { "did you mean \($0)?" } ?? "see --help"))
  }

  private mutating func checkPositionals() {
    let declared = program.positionals
    if declared.isEmpty, let first = positionals.first {
      let nearest = NearestName.of(first, among: program.commands.map(\.name)).map { "did you mean \($0)?" }
      let names = program.commands.map(\.name).joined(separator: ", ")
      let remedy = nearest ?? (names.isEmpty ? "see --help" : "the commands are \(names)")
      problems.append(.init(first, program.commands.isEmpty ? "is not expected" : "is not a command", remedy: remedy))
      return
    }
    for missing in declared.filter({ $0.count == .one }).dropFirst(positionals.count) {
      problems.append(.init(missing.name, "is missing", remedy: "give it after the options: \(missing.meaning)"))
    }
    if positionals.count > declared.count, declared.last?.count != .any {
      for extra in positionals.dropFirst(declared.count) {
        problems.append(.init(extra, "is not expected", remedy: "see --help"))
      }
    }
  }
}

/// A program, or a subcommand of one, as its user meets it: name, purpose, settings, arguments.
///
/// Pure: arguments, environment and the reading of files are given to it.
public struct Program: Sendable {
  public var name: String
  /// One sentence.
  public var summary: String
  /// What `--version` prints; nil offers none.
  public var version: String?
  /// What environment variables begin with, without the underscore; nil reads none.
  public var environmentPrefix: String?
  public var settings: [any DeclaredSetting]
  public var positionals: [Positional]
  /// A command has its own settings besides those of its program. The program may also run without one.
  public var commands: [Program]
  /// Whether to offer `--config`, `--check-config`, `--print-config` and `--print-config-table`.
  public var isConfigurable: Bool
  /// Command lines with what they do, for the end of the help.
  public var examples: [(line: String, meaning: String)]

  public init(
    _ name: String, _ summary: String, version: String? = nil, environmentPrefix: String? = nil,
    settings: [any DeclaredSetting] = [], positionals: [Positional] = [], commands: [Program] = [],
    isConfigurable: Bool = false, examples: [(line: String, meaning: String)] = []
  ) {
    let keys = settings.map(\.declaration.option)
    precondition(Set(keys).count == keys.count, "\(name) declares a setting twice: \(keys.sorted())")
    self.name = name
    self.summary = summary
    self.version = version
    self.environmentPrefix = environmentPrefix
    self.settings = settings
    self.positionals = positionals
    self.commands = commands
    self.isConfigurable = isConfigurable
    self.examples = examples
  }

  /// An argument known by its place.
  public struct Positional: Sendable {
    public enum Count: Sendable { case one, optional, any }
    public var name: String
    public var count: Count
    public var meaning: String

    public init(_ name: String, _ count: Count = .one, _ meaning: String) {
      self.name = name
      self.count = count
      self.meaning = meaning
    }
  }

  /// What the program is to do.
  public enum Invocation<Configuration> {
    /// Run. The reader tells which subcommand and positional arguments were given.
    case run(Configuration, SettingsReader)
    /// Print this to standard output and exit with 0: somebody asked for help, the version, the configuration.
    case print(String)
  }

  /// Reads all settings from arguments over environment over file over defaults.
  ///
  /// - Parameters:
  ///   - arguments: without the program's own name.
  ///   - readFile: gives the text of a file: the configuration file, and files of secrets.
  ///   - configure: makes the configuration, and checks rules between settings.
  /// - Throws: every problem there is, not only the first.
  public func start<Configuration>(
    arguments: [String], environment: [String: String], readFile: (String) throws -> String,
    configure: (SettingsReader) throws(SettingsErrors) -> Configuration
  ) throws(SettingsErrors) -> Invocation<Configuration> {
    let parsed = ParsedArguments(arguments, of: self)
    let chosen = parsed.program
    // Help is given whatever else is wrong.
    switch parsed.request {
    case .help: return .print(chosen.help(path: [name] + parsed.command, inherited: parsed.inherited))
    case .version: return .print("\(name) \(version ?? "")\n")
    case .printConfigTable: return .print(chosen.table(inherited: parsed.inherited, prefix: environmentPrefix))
    case .run, .checkConfig, .printConfig: break
    }
    var resolver = SettingsResolver(
      parsed, prefix: environmentPrefix, isConfigurable: isConfigurable, environment: environment)
    let reader = try resolver.resolve(readFile)
    let configuration = try configure(reader)
    switch parsed.request {
    case .checkConfig: return .print("The configuration is valid.\n")
    case .printConfig: return .print(reader.listing(of: parsed.settings))
    default: return .run(configuration, reader)
    }
  }

  /// Reads all settings where there is no configuration to make of them.
  public func start(
    arguments: [String], environment: [String: String], readFile: (String) throws -> String
  ) throws(SettingsErrors) -> Invocation<Void> {
    try start(arguments: arguments, environment: environment, readFile: readFile) { _ in }
  }

  /// The settings as given, for tests of a configuration: keys with values, the rest by default.
  public func reader(_ values: [String: String] = [:]) throws(SettingsErrors) -> SettingsReader {
    let text = values.map { "\($0.key) = \"\($0.value.escapedForFile)\"" }.joined(separator: "\n")
    var resolver = SettingsResolver(
      ParsedArguments([], of: self), prefix: nil, isConfigurable: true, environment: [:], file: "values")
    return try resolver.resolve { _ in text }
  }
}

extension String {
  fileprivate var escapedForFile: String {
    reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : String($1) }
  }
}

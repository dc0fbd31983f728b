import BaritoCore
import Curl
import FoundationEssentials
import Glibc
import Lifecycle
import Logging
import Settings

/// `baritotail`: shows lines of apps as they come. Everything it needs of its surroundings can be given to it.
public struct TailCommand: Sendable {
  /// What the process ends with.
  public enum Exit: Int32, Sendable {
    /// The reader ended it, or all that was asked for was shown.
    case done = 0
    case error = 1
    case usage = 2
    case notAllowed = 3
    case connectionLost = 4
  }

  /// The world as a command sees it.
  public struct Surroundings: Sendable {
    public var environment: [String: String]
    /// Whether standard output is a terminal.
    public var isTerminal: Bool
    public var readFile: @Sendable (String) throws -> String
    public var write: @Sendable ([UInt8]) -> Void
    public var complain: @Sendable (String) -> Void

    public init(
      environment: [String: String], isTerminal: Bool, readFile: @escaping @Sendable (String) throws -> String,
      write: @escaping @Sendable ([UInt8]) -> Void, complain: @escaping @Sendable (String) -> Void
    ) {
      self.environment = environment
      self.isTerminal = isTerminal
      self.readFile = readFile
      self.write = write
      self.complain = complain
    }
  }

  static let program = Program(
    "baritotail", "Shows the lines of apps as they come.", environmentPrefix: "BARITO_TAIL",
    settings: CommandSettings.settings,
    positionals: [.init("app", .any, "A name, a number, or cluster/name.")], isConfigurable: true)

  static let examples = """
    Examples:
      baritotail checkout                              follow the app checkout
      baritotail checkout -l error --since 10m         its errors of the last ten minutes, and on
      baritotail checkout cart --grep 'time(d )?out'   two apps together, lines that match
      baritotail checkout -n 100 --no-follow           the last 100 lines
      baritotail checkout -f user.id=7 -x healthcheck  one user's lines, without the noise
      baritotail checkout -o raw | jq .message         as the app wrote them


    """

  let outside: Surroundings

  public init(_ outside: Surroundings) { self.outside = outside }

  /// The beginning and end of the executable.
  public static func main() async {
    // Ctrl-C is how a reader ends it.
    let signals = ShutdownSignals(onFirst: { exitNow(Exit.done.rawValue) })
    defer { signals.cancel() }
    let command = TailCommand(
      Surroundings(
        environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDOUT_FILENO) == 1,
        readFile: { try String(decoding: Data(contentsOf: URL(filePath: $0)), as: UTF8.self) },
        write: { ProgramOutput.print(String(decoding: $0, as: UTF8.self)) }, complain: { ProgramOutput.complain($0) }))
    exitNow(await command.run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// - Parameter arguments: without the program's own name.
  public func run(_ arguments: [String]) async -> Exit {
    do throws(SettingsErrors) {
      let invocation = try TailCommand.program.start(
        arguments: arguments, environment: environment, readFile: outside.readFile, configure: CommandSettings.init)
      switch invocation {
      case .print(let text):
        let isHelp = text.hasPrefix(TailCommand.program.summary)
        outside.write(Array(((isHelp ? TailCommand.examples : "") + text).utf8))
        return .done
      case .run(let settings, _):
        guard !settings.apps.isEmpty else {
          outside.complain("baritotail: no app is named; write baritotail <app>, or see baritotail --help\n")
          return .usage
        }
        return await TailClient(settings, outside, configurationPath: configurationPath).run()
      }
    } catch {
      outside.complain("baritotail: \(error)\nTry baritotail --help.\n")
      return .usage
    }
  }

  /// `config.toml` where the XDG rules put it.
  private var configurationPath: String {
    let home = outside.environment["HOME"] ?? ""
    let folder = outside.environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(home)/.config"
    return "\(folder)/barito/config.toml"
  }

  /// `BARITO_TOKEN` is the token's usual name, and the file is read where it is.
  private var environment: [String: String] {
    var environment = outside.environment
    if environment["BARITO_TAIL_TOKEN"] == nil { environment["BARITO_TAIL_TOKEN"] = environment["BARITO_TOKEN"] }
    if environment["BARITO_TAIL_CONFIG"] == nil, (try? outside.readFile(configurationPath)) != nil {
      environment["BARITO_TAIL_CONFIG"] = configurationPath
    }
    return environment
  }
}

import Settings
import Testing

@Suite("Commands")
struct CommandTests {
  static let follow = Setting("follow", Bool.self, default: false, short: "f", "Goes on.")
  static let verbose = Setting("verbose", Bool.self, default: false, short: "v", "Says more.")
  static let lines = Setting("lines", Int.self, in: 0...1000, default: 10, short: "l", "How many lines.")
  static let apps = Setting("app", [String].self, default: [], short: "a", "An app.")
  static let steps = Setting("steps", Int.self, default: 1, "How many steps.")
  static let tail = Program(
    "baritotail", "Follows logs.", settings: [follow, verbose, lines, apps],
    positionals: [.init("group", .one, "An app group."), .init("words", .any, "Words to look for.")],
    examples: [("baritotail -f shop", "follows everything")])
  static let market = Program(
    "market", "Sells.", settings: [verbose],
    commands: [Program("migrate", "Changes the tables.", settings: [steps]), Program("seed", "Fills them.")])

  func run(_ program: Program, _ arguments: String...) throws(SettingsErrors) -> SettingsReader {
    let invocation = try program.start(arguments: arguments, environment: [:], readFile: { _ in "" })
    guard case .run(_, let reader) = invocation else { throw SettingsErrors([]) }
    return reader
  }

  func problem(_ program: Program, _ arguments: String...) -> String? {
    do {
      _ = try program.start(arguments: arguments, environment: [:], readFile: { _ in "" })
      return nil
    } catch {
      return error.problems.map(\.description).joined(separator: "\n")
    }
  }

  @Test("short options can be joined, and their values follow in any of three ways")
  func short() throws {
    for arguments in [["-fvl5"], ["-f", "-v", "-l", "5"], ["-vf", "-l=5"]] {
      let invocation = try Self.tail.start(
        arguments: arguments + ["shop"], environment: [:], readFile: { _ in "" })
      guard case .run(_, let reader) = invocation else {
        Issue.record("\(arguments) did not run")
        continue
      }
      #expect(reader[Self.follow])
      #expect(reader[Self.verbose])
      #expect(reader[Self.lines] == 5)
      #expect(reader.positionals == ["shop"])
    }
  }

  @Test("arguments between and after options are kept in order, and -- ends the options")
  func positionals() throws {
    let reader = try run(Self.tail, "shop", "-a", "x", "one", "--app=y,z", "--", "--two", "-f")
    #expect(reader.positionals == ["shop", "one", "--two", "-f"])
    #expect(reader[Self.apps] == ["x", "y", "z"])
    #expect(!reader[Self.follow])
    #expect(try run(Self.tail, "-").positionals == ["-"])
  }

  @Test("a missing argument, an unknown short option and one too many are reported")
  func wrong() {
    #expect(problem(Self.tail) == "group: is missing; give it after the options: An app group.")
    #expect(problem(Self.tail, "shop", "-x") == "-x: is not an option; use one of -f, -v, -l, -a, or see --help")
    #expect(problem(Self.tail, "shop", "-l") == "-l: has no value; write -l=VALUE")
    let program = Program("p", "P.", positionals: [.init("file", .optional, "A file.")])
    #expect(problem(program, "a", "b") == "b: is not expected; see --help")
    #expect(problem(program) == nil)
  }

  @Test("a command has its own options besides those of its program")
  func commands() throws {
    let reader = try run(Self.market, "-v", "migrate", "--steps", "3")
    #expect(reader.command == ["migrate"])
    #expect(reader[Self.steps] == 3)
    #expect(reader[Self.verbose])
    #expect(try run(Self.market, "migrate", "-v")[Self.verbose])
    #expect(try run(Self.market).command == [])
  }

  @Test("an unknown command gets the nearest name, and an option of another command is unknown")
  func unknownCommand() {
    #expect(problem(Self.market, "migrat") == "migrat: is not a command; did you mean migrate?")
    #expect(problem(Self.market, "quux") == "quux: is not a command; the commands are migrate, seed")
    #expect(problem(Self.market, "seed", "--steps=1") == "--steps: is not an option; see --help")
  }

  @Test("help of a command shows its own and the common options")
  func help() throws {
    guard
      case .print(let text) = try Self.market.start(
        arguments: ["migrate", "-h"], environment: [:], readFile: { _ in "" })
    else {
      Issue.record("no help")
      return
    }
    #expect(text.contains("Usage: market migrate [options]\n"))
    #expect(text.contains("Options:\n  --steps <number>\n      How many steps. [default 1]\n"))
    #expect(text.contains("Common options:\n  -v, --verbose\n"))
    #expect(Self.market.help().contains("Commands:\n  migrate  Changes the tables.\n  seed     Fills them.\n"))
    #expect(Self.tail.help().contains("Usage: baritotail [options] <group> [<words> …]\n"))
    #expect(Self.tail.help().contains("  baritotail -f shop\n      follows everything\n"))
    #expect(!Self.tail.help().contains("--config"))
  }

  @Test("an environment name of no prefix is not read")
  func noEnvironment() throws {
    let invocation = try Self.market.start(
      arguments: [], environment: ["_VERBOSE": "1", "VERBOSE": "1"], readFile: { _ in "" })
    guard case .run(_, let reader) = invocation else {
      Issue.record("did not run")
      return
    }
    #expect(!reader[Self.verbose])
  }
}

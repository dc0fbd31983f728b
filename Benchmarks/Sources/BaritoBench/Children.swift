import FoundationEssentials
import Glibc

/// Everything that the benchmark has started, to be stopped in the reverse order whatever happens.
final class Children {
  /// A folder of this run alone, gone at its end.
  let folder: String
  private let environment: [String: String]
  private let ownProgram: String
  private var cleanups: [() -> Void] = []

  /// - Parameter environment: without the settings of services, which shall run with what the benchmark gives them.
  init(environment: [String: String]) throws {
    self.environment = environment.filter { !$0.key.hasPrefix("BARITO_") || $0.key == "BARITO_ENGINES_CACHE" }
    guard let path = realpath("/proc/self/exe", nil) else { throw BenchError("cannot find myself: \(systemError())") }
    ownProgram = String(cString: path)
    free(path)
    var template = Array("\(environment["TMPDIR"] ?? "/tmp")/barito-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchError("cannot make a temporary folder: \(systemError())") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A program beside this one, such as `barito-router`.
  func sibling(_ name: String) throws -> String {
    let path = ownProgram.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard access("\(path)/\(name)", X_OK) == 0 else {
      throw BenchError("there is no \(path)/\(name): build all first, swift build -c release")
    }
    return "\(path)/\(name)"
  }

  /// Starts a program. Should this process be killed, the program ends too.
  func start(_ name: String, _ program: String, _ arguments: [String]) throws -> ChildProcess {
    let child = try ChildProcess(
      name, ownProgram, [Bench.execute, "\(getpid())", program] + arguments, environment: environment,
      log: "\(folder)/\(name).log")
    atEnd { child.stop() }
    return child
  }

  /// Starts one of this program's own commands.
  func start(_ command: String, _ arguments: [String]) throws -> ChildProcess {
    try start(command, ownProgram, [command] + arguments)
  }

  /// Runs a program to its end.
  /// - Returns: its first line.
  func run(_ name: String, _ program: String, _ arguments: [String], within limit: Duration) throws -> String {
    let child = try start(name, program, arguments)
    let line = try child.readLine(within: limit)
    try child.finish(within: limit)
    return line
  }

  /// What to do at the end, before everything that was given earlier.
  func atEnd(_ cleanup: @escaping () -> Void) { cleanups.append(cleanup) }

  /// Stops everything.
  /// - Parameter keepsFolder: leaves the logs where they are.
  func stop(keepsFolder: Bool) {
    for cleanup in cleanups.reversed() { cleanup() }
    cleanups = []
    guard !keepsFolder else { return }
    try? FileManager.default.removeItem(atPath: folder)
  }
}

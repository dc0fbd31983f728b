import Synchronization

@testable import BaritoTailCommand

/// One run of the command inside this process.
final class CommandRun: Sendable {
  private struct State {
    var output: [UInt8] = []
    var complaints = ""
    var exit: TailCommand.Exit?
  }

  private let state = Mutex(State())

  /// - Parameter files: what the command can read, by path.
  init(
    _ arguments: [String], environment: [String: String] = [:], files: [String: String] = [:], isTerminal: Bool = false
  ) async {
    let command = TailCommand(
      TailCommand.Surroundings(
        environment: environment, isTerminal: isTerminal,
        readFile: { path in
          guard let text = files[path] else { throw NoSuchFile() }
          return text
        },
        write: { [self] bytes in state.withLock { $0.output += bytes } },
        complain: { [self] text in state.withLock { $0.complaints += text } }))
    let exit = await command.run(arguments)
    state.withLock { $0.exit = exit }
  }

  private struct NoSuchFile: Error {}

  var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
  var complaints: String { state.withLock { $0.complaints } }
  var exit: TailCommand.Exit? { state.withLock { $0.exit } }
}

import BaritoCore
import CProcess
import FoundationEssentials
import Glibc
import Logging
import Settings

/// `barito-bench`: the services beside bare librdkafka, in one run on one machine.
public enum Bench {
  /// The first word of a command line that is to become another program; see `becomeProgram`.
  static let execute = "exec"

  static let program = Program(
    "barito-bench", "Measures Router and Flow beside bare librdkafka, and writes the results down.",
    environmentPrefix: "BARITO", settings: BenchConfiguration.settings,
    commands: [
      MicroCommand.program, LoadCommand.program, ForwardLoad.program, SyslogLoad.program, SinkCommand.program,
      BareCommands.producerProgram,
      BareCommands.consumerProgram, BulkLoad.program,
    ],
    examples: [
      ("barito-bench --quick", "One short round."),
      ("barito-bench --only flow", "Flow alone; the results are printed."),
      ("barito-bench --kafka 127.0.0.1:9092 --rounds 9", "Against a Kafka that runs."),
    ])

  /// Runs and ends the process.
  public static func main() -> Never {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if arguments.first == execute { try becomeProgram(arguments) }
      try run(arguments)
      exit(0)
    } catch {
      ProgramOutput.complain("barito-bench: \(error)\n")
      exit(1)
    }
  }

  /// Prints for the process that started this one.
  static func tell(_ report: Report) { ProgramOutput.print(report.line) }

  private static func run(_ arguments: [String]) throws {
    let environment = ProcessInfo.processInfo.environment
    let chosen = arguments.first.flatMap { name in program.commands.first { $0.name == name } }
    // A command's options are its own: those of the whole run do not apply to it.
    let invocation = try (chosen ?? program).start(
      arguments: chosen == nil ? arguments : Array(arguments.dropFirst()), environment: environment,
      readFile: TextFile.read)
    guard case .run(_, let settings) = invocation else {
      if case .print(let text) = invocation { ProgramOutput.print(text) }
      return
    }
    switch chosen?.name {
    case MicroCommand.name: try MicroCommand.run()
    case LoadCommand.name: try LoadCommand.run(settings)
    case ForwardLoad.name: try ForwardLoad.run(settings)
    case SyslogLoad.name: try SyslogLoad.run(settings)
    case SinkCommand.name: try SinkCommand.run(settings)
    case BareCommands.producer: try BareCommands.runProducer(settings)
    case BareCommands.consumer: try BareCommands.runConsumer(settings)
    case BulkLoad.name: try BulkLoad.run(settings)
    default: try compare(try BenchConfiguration(settings), environment)
    }
  }

  /// Runs all comparisons, and stops everything that was started whatever happens.
  private static func compare(_ configuration: BenchConfiguration, _ environment: [String: String]) throws {
    Interruption.install()
    let children = try Children(environment: environment)
    do {
      let page = try measure(configuration, children)
      children.stop(keepsFolder: false)
      ProgramOutput.print(page.text)
      if let output = configuration.output {
        try makeFolder(of: output)
        try TextFile.write(Array(page.text.utf8), to: output)
        progress("written to \(output)")
      }
    } catch {
      children.stop(keepsFolder: true)
      progress("logs are in \(children.folder)")
      throw error
    }
  }

  private static func measure(_ configuration: BenchConfiguration, _ children: Children) throws -> ResultsPage {
    let load = try TextFile.read("/proc/loadavg").split(separator: " ").first.map(String.init) ?? ""
    progress("starting Kafka; the load average is \(load)")
    let broker = try Broker.open(configuration.broker, children)
    let stage = Stage(children: children, broker: broker, partitions: configuration.partitions)
    let router =
      configuration.runs(.router)
      ? try RouterBench(stage: stage, configuration: configuration).run(progress: progress) : nil
    let flow =
      configuration.runs(.flow)
      ? try FlowBench(stage: stage, configuration: configuration).run(progress: progress) : nil
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    return ResultsPage(
      machine: try Machine.current(), date: Timestamp(milliseconds: now)?.description ?? "", loadBefore: load,
      broker: broker.title, library: BareClient.libraryVersion, configuration: configuration, router: router, flow: flow
    )
  }

  private static func progress(_ text: String) { ProgramOutput.complain("\(text)\n") }

  private static func makeFolder(of path: String) throws {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard !folder.isEmpty else { return }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// Becomes the given program, which then ends when the process that started it does: `exec PARENT PROGRAM ARGUMENTS…`.
  private static func becomeProgram(_ arguments: [String]) throws -> Never {
    guard arguments.count >= 3 else { throw BenchError("\(execute) needs a process and a program") }
    bench_end_with_parent()
    // It may have died before that.
    guard Int32(arguments[1]) == getppid() else { exit(1) }
    let words = arguments.dropFirst(2).map { strdup($0) } + [nil]
    execv(arguments[2], words)
    throw BenchError("cannot run \(arguments[2]): \(systemError())")
  }
}

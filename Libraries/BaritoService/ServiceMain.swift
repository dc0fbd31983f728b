import Curl
import FoundationEssentials
import HTTP
public import Lifecycle
public import Logging
public import Metrics
public import Settings

/// What a service is given to build itself from.
public struct ServiceContext: Sendable {
  public var logger: Logger
  public var metrics: MetricsRegistry
  public var readiness: Readiness
  public var clock: ServiceClock
  /// This process among others of its kind: host name and process number.
  public var instance: String
}

/// The beginning and end of every service's executable: settings, help, logging, admin listener, signals, order of
/// shutdown. What is left to a service is its configuration and its parts.
public enum ServiceMain {
  /// Runs a service until it is told to stop, and ends the process.
  ///
  /// - Parameters:
  ///   - program: name, summary and settings; the common settings and the command `health` are added.
  ///   - adminPort: where the admin listener is by default.
  ///   - configure: makes the configuration; all that is wrong with it is said at once.
  ///   - commands: what other commands of the program do; each prints its own result.
  ///   - build: the parts, dependencies first. May be asynchronous: what it awaits happens before anything runs.
  public static func run<Configuration: Sendable>(
    _ program: Program, adminPort: Int, configure: (SettingsReader) throws(SettingsErrors) -> Configuration,
    commands: [String: @Sendable (Configuration, ServiceContext) async throws -> Void] = [:],
    build: (Configuration, ServiceContext) async throws -> [ServiceGroup.Member]
  ) async {
    let adminAddress = CommonSettings.adminAddress(port: adminPort)
    let program = complete(program, adminPort: adminPort)
    let environment = ProcessInfo.processInfo.environment
    do throws(SettingsErrors) {
      let invocation = try program.start(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: environment,
        readFile: { try String(decoding: Data(contentsOf: URL(filePath: $0)), as: UTF8.self) }, configure: configure)
      switch invocation {
      case .print(let text):
        ProgramOutput.print(text)
      case .run(let configuration, let settings):
        let context = context(settings, program.name)
        let admin = settings[adminAddress]
        if let command = settings.command.first {
          await end {
            if command == "health" { try await askHealth(admin) }
            try await commands[command]?(configuration, context)
          }
        }
        await end {
          try await serve(
            try await build(configuration, context), context, admin: admin, grace: settings[CommonSettings.grace])
        }
      }
    } catch {
      ProgramOutput.complain("\(program.name): \(error)\nTry \(program.name) --help.\n")
      exitNow(2)
    }
  }

  /// The program with what every service has: its settings, its environment's prefix, the command `health`. This is what
  /// `--help` and the table in a README tell of.
  public static func complete(_ program: Program, adminPort: Int) -> Program {
    var program = program
    program.environmentPrefix = "BARITO"
    program.isConfigurable = true
    program.settings += [
      CommonSettings.adminAddress(port: adminPort), CommonSettings.logLevel, CommonSettings.logFormat,
      CommonSettings.grace,
    ]
    program.commands.append(
      Program("health", "Ask the running service whether it is ready; the exit status tells.", isConfigurable: true))
    return program
  }

  private static func context(_ settings: SettingsReader, _ name: String) -> ServiceContext {
    let level = Logger.Level(rawValue: settings[CommonSettings.logLevel].rawValue) ?? .info
    let format = LogFormat(rawValue: settings[CommonSettings.logFormat].rawValue) ?? .auto
    let metrics = MetricsRegistry()
    metrics.registerProcessMetrics()
    let process = ProcessInfo.processInfo
    return ServiceContext(
      logger: .standardError(format: format, level: level, metadata: ["service": name]), metrics: metrics,
      readiness: Readiness(), clock: .system, instance: "\(process.hostName)-\(process.processIdentifier)")
  }

  /// Runs the parts behind an admin listener until a signal, or until one of them fails.
  private static func serve(
    _ members: [ServiceGroup.Member], _ context: ServiceContext, admin: Address, grace: Duration
  ) async throws {
    let configuration = HTTPServerConfiguration(address: admin.description)
    let server = HTTPServer(
      configuration, routes: AdminRoutes.make(context.readiness, context.metrics), logger: context.logger)
    let port = try server.start()
    context.logger.info("admin listener is open", ["address": "\(admin.host):\(port)"])
    let group = ServiceGroup(
      services: [.init("admin", ServingHTTP(server, drainingWithin: .seconds(1)))] + members, gracePeriod: grace,
      logger: context.logger, onShutdown: [{ context.readiness.stop() }])
    try await group.runUntilSignalled()
    context.logger.info("stopped")
  }

  private static func askHealth(_ admin: Address) async throws {
    // A service that listens everywhere is asked on this machine.
    let host = ["0.0.0.0", "::"].contains(admin.host) ? "127.0.0.1" : admin.host
    let url = "http://\(Address(host, admin.port))/readyz?verbose"
    let response = try await CurlClient().perform(CurlRequest("GET", url, timeout: .seconds(3)))
    ProgramOutput.print(response.text)
    if !response.isSuccess { exitNow(1) }
  }

  /// Ends the process with the outcome of its work.
  private static func end(_ work: () async throws -> Void) async -> Never {
    do {
      try await work()
    } catch {
      ProgramOutput.complain("\(CommandLine.arguments.first ?? "barito"): \(error)\n")
      exitNow(1)
    }
    exitNow(0)
  }
}

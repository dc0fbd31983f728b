import BaritoCore
import BaritoService
import Curl
import FoundationEssentials
import Lifecycle
import Logging
import Settings

/// `barito-flow quarantine`: what Elasticsearch refused, by cause; its bytes; and a way back. Everything it needs of its
/// surroundings can be given to it.
struct QuarantineCommand: Sendable {
  /// What the process ends with.
  enum Exit: Int32, Sendable {
    case done = 0
    /// Something went wrong, or entries that were to be replayed are still there.
    case error = 1
    case usage = 2
    case notAllowed = 3
    case connectionLost = 4
  }

  static let name = "quarantine"

  var environment: [String: String]
  var readFile: @Sendable (String) throws -> String
  var write: @Sendable (String) -> Void
  var complain: @Sendable (String) -> Void
  var clock = ServiceClock.system

  /// As a command of `barito-flow`: the same settings, of which none but Elasticsearch's matter.
  static let command = Program(
    name, "Show what Elasticsearch refused, and send it again.",
    commands: [
      Program(
        "list", "List the entries of the quarantine by cause, most first.",
        settings: [
          QuarantineSettings.app, QuarantineSettings.topic, QuarantineSettings.since, QuarantineSettings.limit,
          QuarantineSettings.outputSetting,
        ],
        examples: [
          ("barito-flow quarantine list", "what is in the quarantine, of all apps"),
          ("barito-flow quarantine list --app shop --since 2h", "what came in the last two hours of one app"),
          ("barito-flow quarantine list -o json | jq .count", "for scripts"),
        ]),
      Program(
        "show", "Print entries with their bytes, in the order of Kafka.",
        settings: [
          QuarantineSettings.app, QuarantineSettings.topic, QuarantineSettings.limit, QuarantineSettings.outputSetting,
        ],
        positionals: [.init("fingerprint|id", .one, "A cause, as list tells it, or the id of one document.")],
        examples: [
          ("barito-flow quarantine show 3f9c2b7e81d0", "the first ten entries of one cause"),
          ("barito-flow quarantine show 3f9c2b7e81d0 --limit 1000 -o raw > lines", "their bytes alone, a line each"),
        ]),
      Program(
        "replay", "Send entries again, repaired where one says how, and remove those that are indexed.",
        settings: [
          QuarantineSettings.fingerprint, QuarantineSettings.app, QuarantineSettings.topic,
          QuarantineSettings.identifier, QuarantineSettings.since, QuarantineSettings.everything,
          QuarantineSettings.limit, QuarantineSettings.rate, QuarantineSettings.dryRun, QuarantineSettings.drop,
          QuarantineSettings.rename, QuarantineSettings.stringify, QuarantineSettings.outputSetting,
        ],
        examples: [
          ("barito-flow quarantine replay --fingerprint 3f9c2b7e81d0 --stringify user.id --dry-run", "see the result"),
          ("barito-flow quarantine replay --fingerprint 3f9c2b7e81d0 --stringify user.id", "the same for real"),
          ("barito-flow quarantine replay --app shop --rate 200", "all of one app, 200 lines a second"),
          ("barito-flow quarantine replay --fingerprint 3f9c2b7e81d0 --rename code=code_text", "under another key"),
        ]),
    ])

  /// The service's program, of which nothing but the address of Elasticsearch has to be known: no token is needed here.
  private static let program: Program = {
    var program = ServiceMain.complete(FlowService.program, adminPort: FlowService.adminPort)
    program.settings = program.settings.map { setting in
      guard setting.declaration.key == CommonSettings.serviceToken.declaration.key else { return setting }
      return Setting(setting.declaration.key, String?.self, default: nil, secret: true, setting.declaration.meaning)
    }
    return program
  }()

  /// The beginning and end of the process.
  static func main(_ arguments: [String]) async -> Never {
    let signals = ShutdownSignals(onFirst: { exitNow(Exit.done.rawValue) })
    defer { signals.cancel() }
    let command = QuarantineCommand(
      environment: ProcessInfo.processInfo.environment,
      readFile: { try String(decoding: Data(contentsOf: URL(filePath: $0)), as: UTF8.self) },
      write: { ProgramOutput.print($0) }, complain: { ProgramOutput.complain($0) })
    exitNow(await command.run(arguments).rawValue)
  }

  /// - Parameter arguments: without the program's own name.
  func run(_ arguments: [String]) async -> Exit {
    do throws(SettingsErrors) {
      let invocation = try QuarantineCommand.program.start(
        arguments: arguments, environment: environment, readFile: readFile, configure: QuarantineSettings.init)
      switch invocation {
      case .print(let text):
        write(text)
        return .done
      case .run(let settings, _): return await run(settings)
      }
    } catch {
      complain("barito-flow: \(error)\nTry barito-flow quarantine --help.\n")
      return .usage
    }
  }

  private func run(_ settings: QuarantineSettings) async -> Exit {
    var settings = settings
    if let age = settings.age {
      settings.filter.since = max(0, clock.wallMilliseconds - Int64(age / .milliseconds(1)))
    }
    let store = QuarantineStore(
      elasticsearch: ElasticsearchClient(
        url: settings.elasticsearchURL, authorization: settings.authorization, clients: 1, timeout: settings.timeout),
      naming: settings.naming)
    do throws(QuarantineError) {
      switch settings.command {
      case "list": return try await list(settings, store)
      case "show": return try await show(settings, store)
      case "replay": return try await replay(settings, store)
      default:
        complain("barito-flow: no command is named; write quarantine list, show or replay\n")
        return .usage
      }
    } catch {
      complain("barito-flow: \(error.detail)\n")
      switch error.code {
      case .notAllowed: return .notAllowed
      case .unavailable: return .connectionLost
      case .refused, .tooLarge: return .error
      }
    }
  }

  private func list(_ settings: QuarantineSettings, _ store: QuarantineStore) async throws(QuarantineError) -> Exit {
    let (groups, others) = try await store.groups(settings.filter, limit: settings.limit ?? 100)
    for group in groups { write(QuarantineText(settings.output).group(group)) }
    if groups.isEmpty { complain("The quarantine holds nothing of that.\n") }
    if others > 0 { complain("\(others) more entries are of other causes: see them with a higher --limit.\n") }
    return .done
  }

  private func show(_ settings: QuarantineSettings, _ store: QuarantineStore) async throws(QuarantineError) -> Exit {
    var left = settings.limit ?? 10
    var found = 0
    for isFingerprint in [true, false] where found == 0 {
      var filter = settings.filter
      if isFingerprint { filter.fingerprint = settings.subject } else { filter.id = settings.subject }
      var after: [UInt8]?
      repeat {
        let page = try await store.page(filter, after: after, size: min(left, 20))
        for hit in page.hits { write(QuarantineText(settings.output).entry(hit.entry)) }
        found += page.hits.count
        left -= page.hits.count
        after = page.next
      } while after != nil && left > 0
    }
    guard found > 0 else {
      complain("The quarantine has no entry of the fingerprint or id \(settings.subject ?? "").\n")
      return .error
    }
    return .done
  }

  private func replay(_ settings: QuarantineSettings, _ store: QuarantineStore) async throws(QuarantineError) -> Exit {
    let text = QuarantineText(settings.output)
    var replay = QuarantineReplay(store: store, filter: settings.filter, repair: settings.repair)
    (replay.rate, replay.limit, replay.isDryRun) = (settings.rate, settings.limit, settings.isDryRun)
    replay.report = { complain("\($0.entry.place): \($1.reason)\n") }
    replay.preview = { write(text.document($1, of: $0.entry)) }
    let tally = try await replay.run()
    complain(text.sum(tally, isDryRun: settings.isDryRun))
    return tally.left == 0 ? .done : .error
  }
}

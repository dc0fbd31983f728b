import BaritoCore
import BaritoService
import Curl
import FoundationEssentials
import Kafka
import KafkaTesting
import TestKit
import Testing

/// A Router as a process, over a Kafka in this one, with one app: run a client that is not ours with lines, and expect
/// exactly its documents in Kafka.
///
/// ```swift
/// try await ShippingTest.run { test in
///   try await test.python("import sys; …", test.url, test.secret)      // runs to its end, which must be 0
///   try await test.expect([["message": "hello"]], besides: ["@timestamp"])
/// }
/// ```
///
/// A daemon runs until `expect` has seen its lines: start it with `rsyslog` or `syslogNG`. A Router that listens for
/// another protocol is started with the names of its settings, `run(listening: ["forward.address"])`, whose ports are then
/// `port("forward.address")`.
final class ShippingTest: Sendable {
  /// The app's.
  let secret = "the-secret-of-this-app"
  /// Where the Router takes lines in over HTTP.
  let url: String
  /// Files of the test: it goes away.
  let folder: String
  private let kafka = MockCluster()
  private let ports: [String: Int]
  private let startRouter: @Sendable () throws -> ChildProcess
  private let running: Guarded<ChildProcess>
  private let daemons = Guarded<[ChildProcess]>([])

  private static let topicName = "shop"

  /// - Parameters:
  ///   - listening: settings of the Router that are addresses to listen at, beside HTTP.
  ///   - settings: more settings of the Router, by name.
  static func run(
    listening: [String] = [], settings: [String: String] = [:], _ body: (ShippingTest) async throws -> Void
  ) async throws {
    let test = try await ShippingTest(listening, settings)
    do {
      try await body(test)
    } catch {
      Issue.record("\(error)\n\(test.lastWords)")
    }
    await test.stop()
  }

  /// The port that the Router listens at by a setting that was given to `run`.
  func port(_ setting: String) -> Int { ports[setting] ?? 0 }

  struct Ended: Error, CustomStringConvertible { let description: String }

  // MARK: - Clients

  /// Runs a Python script with the packages of `deploy/local/shippers.txt` to its end.
  /// - Returns: what it printed.
  @discardableResult
  func python(_ script: String, _ arguments: String...) async throws -> String {
    try await run(
      "python", ForeignClients.python, ["-B", try write("script.py", script)] + arguments,
      ["PATH": ForeignClients.path, "PYTHONUNBUFFERED": "1"])
  }

  /// Runs any program to its end.
  /// - Returns: what it printed.
  @discardableResult
  func run(
    _ name: String, _ program: String, _ arguments: [String], _ environment: [String: String]? = nil
  ) async throws -> String {
    let number = UInt32.random(in: 0 ... .max)
    let process = try ChildProcess(
      name, program, arguments, environment: environment, output: "\(folder)/\(name)-\(number).out")
    let status = try await process.waitForExit()
    try #require(status == 0, "\(name) ended with \(status)\n\(process.lastOutput)")
    return String(decoding: process.output, as: UTF8.self)
  }

  /// Starts rsyslogd, whose modules are found by their names alone: `module(load="omelasticsearch")`.
  func rsyslog(_ configuration: String) throws {
    let rsyslog = ForeignClients.rsyslog
    let all = "global(workDirectory=\"\(folder)\")\n" + configuration
    try start(
      "rsyslogd", rsyslog.program,
      ["-n", "-i", "\(folder)/rsyslogd.pid", "-M", rsyslog.modules, "-f", try write("rsyslog.conf", all)],
      rsyslog.environment)
  }

  /// Starts syslog-ng, with `scl.conf` for its configuration library.
  func syslogNG(_ configuration: String) throws {
    let syslogNG = ForeignClients.syslogNG
    let all = "@version: 3.38\n@include \"\(syslogNG.library)\"\noptions { stats-freq(0); };\n" + configuration
    try start(
      "syslog-ng", syslogNG.program,
      [
        "-F", "--stderr", "--no-caps", "--cfgfile", try write("syslog-ng.conf", all),
        "--persist-file", "\(folder)/syslog-ng.persist", "--pidfile", "\(folder)/syslog-ng.pid",
        "--control", "\(folder)/syslog-ng.ctl",
      ], syslogNG.environment)
  }

  /// Writes a file for a client.
  /// - Returns: its path.
  func write(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  // MARK: - What came of it

  /// Waits until Kafka has as many documents, stops the daemons, and checks that Kafka has these and no others, in any
  /// order.
  ///
  /// - Parameter besides: members that a document has beside those expected, with whatever value.
  /// - Returns: what Kafka has.
  @discardableResult
  func expect(
    _ expected: [JSON], besides: Set<String> = [], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [StoredDocument] {
    let stored = try await documents(expected.count)
    var missing = expected
    var surplus: [JSON] = []
    for document in stored.map({ $0.without(besides) }) {
      if let place = missing.firstIndex(of: document) { missing.remove(at: place) } else { surplus.append(document) }
    }
    func some(_ documents: [JSON]) -> String { documents.prefix(3).map { "\n  \($0)" }.joined() }
    if !missing.isEmpty || !surplus.isEmpty {
      Issue.record(
        "\(missing.count) not in Kafka:\(some(missing))\n\(surplus.count) that nobody sent:\(some(surplus))\n\(lastWords)",
        sourceLocation: sourceLocation)
    }
    return stored
  }

  /// Waits for so many documents, stops the daemons, and gives all that Kafka has then.
  func documents(_ count: Int) async throws -> [StoredDocument] {
    let topic = "\(ShippingTest.topicName)_logs"
    if daemons.with({ !$0.isEmpty }) {
      _ = try await kafka.configuration().documents(of: topic, count, within: .seconds(30))
      for daemon in daemons.with({ $0 }) { await daemon.stop(within: .seconds(10)) }
    }
    return try await kafka.configuration().documents(of: topic, count, within: .seconds(20))
  }

  // MARK: - The Router

  private init(_ listening: [String], _ settings: [String: String]) async throws {
    folder = try makeTemporaryFolder()
    let free = try freePorts(3 + listening.count)
    url = "http://127.0.0.1:\(free[0])"
    ports = Dictionary(uniqueKeysWithValues: zip(listening, free[3...]))
    let group = GroupProfile(
      clusterName: ClusterName("haza"), name: "haza", status: .active, secrets: [],
      cluster: ClusterEndpoints(kafkaBrokers: kafka.bootstraps, elasticsearchURL: "http://127.0.0.1:1"),
      limits: .unlimited)
    let app = AppProfile(
      id: AppID(1), clusterName: ClusterName("haza"), name: ShippingTest.topicName, topicName: ShippingTest.topicName,
      status: .active, secrets: [SecretHash(of: secret)], limits: .unlimited, overload: .refuse, isProbe: false)
    let snapshot = "\(folder)/router.snapshot"
    try Data(try WireJSON.encode(ProfilePage(version: 1, groups: [group], apps: [app])))
      .write(to: URL(filePath: snapshot))
    var all = [
      "http.address": "127.0.0.1:\(free[0])", "viewer.address": "127.0.0.1:\(free[1])",
      "admin.address": "127.0.0.1:\(free[2])", "market.url": "http://127.0.0.1:1", "kafka.brokers": kafka.bootstraps,
      "snapshot.path": snapshot, "log.format": "text", "forward.address": "", "syslog.address": "",
      // Of some shippers a refusal costs lines or doubles them, and a busy machine is no fault of Kafka's.
      "kafka.patience": "10s",
    ]
    all.merge(ports.mapValues { "127.0.0.1:\($0)" }) { $1 }
    all.merge(settings) { $1 }
    let (folder, arguments) = (
      folder,
      all.sorted { $0.key < $1.key }.flatMap {
        ["--" + $0.key.split(separator: ".").joined(separator: "-"), $0.value]
      }
    )
    startRouter = {
      try ChildProcess(
        "router", "\(programFolder)/barito-router",
        arguments,
        environment: ["PATH": ForeignClients.path, "BARITO_SERVICE_TOKEN": String(repeating: "t", count: 40)],
        output: "\(folder)/router.log")
    }
    running = Guarded(try startRouter())
    try await untilReady()
  }

  private func untilReady() async throws {
    let (router, url) = (running.with { $0 }, url)
    try await eventually("the Router answers") {
      if let status = router.exitStatus {
        throw Ended(description: "the Router ended with \(status)\n\(router.lastOutput)")
      }
      return (try? await CurlClient().perform(CurlRequest("GET", "\(url)/ping", timeout: .seconds(2))))?.status == 200
    }
  }

  /// Ends the Router as a crash does, or as an operator does, and starts it again.
  func restartRouter(isKilled: Bool) async throws {
    let old = running.with { $0 }
    if isKilled { await old.killNow() } else { await old.stop(within: .seconds(20)) }
    let new = try startRouter()
    running.with { $0 = new }
    try await untilReady()
  }

  /// Starts any program that runs until `expect` or `documents` has seen its lines.
  func start(
    _ name: String, _ program: String, _ arguments: [String], _ environment: [String: String]
  ) throws {
    let daemon = try ChildProcess(
      name, program, arguments, environment: environment, output: "\(folder)/\(name).log")
    daemons.with { $0.append(daemon) }
  }

  private func stop() async {
    for daemon in daemons.with({ $0 }) { await daemon.stop(within: .seconds(10)) }
    await running.with({ $0 }).stop(within: .seconds(20))
    removeFolder(folder)
  }

  private var lastWords: String {
    (daemons.with { $0 } + [running.with { $0 }]).map(\.lastOutput).joined(separator: "\n")
  }
}

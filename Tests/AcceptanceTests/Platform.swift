import Curl
import Postgres
import TestKit
import Testing

/// The whole platform as processes of its own, on free ports, with its state in a folder that goes away.
final class Platform: Sendable {
  enum Name: String, CaseIterable {
    case market, router, flow, tail, provisioner
    var takesKafkaProperties: Bool { self != .router }
  }

  let backend: Backend
  let servers: Servers
  let folder: String
  let marketURL: String
  let routerURL: String
  let tailURL: String
  private let viewerAddress: String
  private let database: String
  private let environment: [String: String]
  private let adminPorts: [Name: Int]
  private let processes = Guarded<[Name: ChildProcess]>([:])

  /// - Parameter database: a URL of an empty PostgreSQL database.
  init(_ backend: Backend, database: String) async throws {
    self.backend = backend
    folder = try makeTemporaryFolder()
    servers = try await backend.start(in: folder)
    self.database = database
    let ports = try freePorts(4 + Name.allCases.count)
    marketURL = "http://127.0.0.1:\(ports[0])"
    routerURL = "http://127.0.0.1:\(ports[1])"
    tailURL = "http://127.0.0.1:\(ports[2])"
    viewerAddress = "127.0.0.1:\(ports[3])"
    adminPorts = Dictionary(uniqueKeysWithValues: zip(Name.allCases, ports[4...]))
    let (kafka, elasticsearch) = (servers.kafka, servers.elasticsearch)
    environment = [
      "PATH": environmentVariable("PATH") ?? "/usr/bin:/bin", "HOME": folder,
      "BARITO_SERVICE_TOKEN": String(
        (0..<40).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "x" }),
      "BARITO_DATABASE_URL": database, "BARITO_KAFKA_BROKERS": kafka, "BARITO_ELASTICSEARCH_URL": elasticsearch,
      "BARITO_MARKET_URL": marketURL, "BARITO_PUBLIC_URL": marketURL, "BARITO_ROUTER_URL": routerURL,
      "BARITO_VIEWER_URL": "http://\(viewerAddress)", "BARITO_TAIL_URL": tailURL, "BARITO_DRIVER": "local",
      "BARITO_LOCAL_KAFKA_BROKERS": kafka, "BARITO_LOCAL_ELASTICSEARCH_URL": elasticsearch,
      "BARITO_LOG_FORMAT": "text",
      // What is refused for a Kafka that only is slow on a busy machine would be sent, and be there, twice.
      "BARITO_KAFKA_PATIENCE": "10s",
    ]
  }

  /// Starts a service and waits until it is ready.
  func start(_ name: Name, isReadyAwaited: Bool = true) async throws {
    let process = try ChildProcess(
      name.rawValue, "\(programFolder)/barito-\(name.rawValue)", arguments(name), environment: environment(name),
      output: "\(folder)/\(name.rawValue).log")
    processes.with { $0[name] = process }
    guard isReadyAwaited else { return }
    do {
      try await eventually(within: .seconds(60), "\(name) is ready") {
        if let status = process.exitStatus { throw Ended(description: "\(name) ended with \(status)") }
        let url = "http://127.0.0.1:\(self.adminPorts[name] ?? 0)/readyz"
        return (try? await CurlClient().perform(CurlRequest("GET", url, timeout: .seconds(2))))?.status == 200
      }
    } catch {
      throw Ended(description: "\(error)\n\(process.lastOutput)")
    }
  }

  struct Ended: Error, CustomStringConvertible { let description: String }

  func startAll() async throws {
    try await start(.market)
    // Platforms share an Elasticsearch: the names of clusters, which are the beginnings of indices, must differ.
    let start = Int64.random(in: 1...1_000_000)
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: database))
    _ = try await connection.query("SELECT setval('cluster_names', \(start)::bigint)")
    await connection.close()
    for name in Name.allCases.dropFirst() { try await self.start(name) }
  }

  /// Ends a service without a word, as a crash does.
  func kill(_ name: Name) async { await processes.with { $0[name] }?.killNow() }

  func stop(_ name: Name) async { await processes.with { $0[name] }?.stop() }

  func stopAll() async {
    for name in Name.allCases.reversed() { await stop(name) }
    await servers.stop()
    removeFolder(folder)
  }

  /// What the services said last, for a failure's message.
  var lastWords: String { processes.with { $0.values.map(\.lastOutput).joined(separator: "\n") } }

  /// Runs a command of Market's executable and returns what it prints.
  func market(_ arguments: [String]) async throws -> String {
    let output = "\(folder)/market-command.out"
    let process = try ChildProcess(
      "barito-market", "\(programFolder)/barito-market", arguments, environment: environment(.market), output: output,
      errors: "\(folder)/market-command.err")
    let status = try await process.waitForExit()
    try #require(
      status == 0, "\(String(decoding: contents(ofFile: "\(folder)/market-command.err") ?? [], as: UTF8.self))")
    return String(decoding: process.output, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
  }

  /// `baritotail` as a developer runs it, its output in a file.
  func baritotail(_ arguments: [String], token: String) throws -> ChildProcess {
    let number = UInt32.random(in: 0 ... .max)
    var environment = environment
    environment["BARITO_TOKEN"] = token
    return try ChildProcess(
      "baritotail", "\(programFolder)/baritotail", arguments, environment: environment,
      output: "\(folder)/baritotail-\(number).out", errors: "\(folder)/baritotail-\(number).err")
  }

  private func arguments(_ name: Name) -> [String] {
    var arguments = ["--admin-address", "127.0.0.1:\(adminPorts[name] ?? 0)"]
    if name != .router { arguments += backend.kafkaProperties }
    switch name {
    case .market: arguments += ["--http-address", String(marketURL.dropFirst(7))]
    case .router:
      arguments += ["--http-address", String(routerURL.dropFirst(7)), "--viewer-address", viewerAddress]
      arguments += ["--forward-address", "", "--syslog-address", ""]
    case .tail: arguments += ["--http-address", String(tailURL.dropFirst(7))]
    case .flow, .provisioner: break
    }
    return arguments
  }

  private func environment(_ name: Name) -> [String: String] {
    var own = environment
    if [.router, .flow, .tail].contains(name) { own["BARITO_SNAPSHOT_PATH"] = "\(folder)/\(name.rawValue).snapshot" }
    return own
  }
}

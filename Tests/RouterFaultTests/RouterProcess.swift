import BaritoCore
import BaritoService
import Curl
import FoundationEssentials
import Glibc
import TestKit

/// A Router as a process of its own that knows some apps and no Market. It can be killed and started again on its port.
final class RouterProcess: Sendable {
  struct Ended: Error, CustomStringConvertible { let description: String }

  /// Where it takes lines in.
  let port: Int
  var url: String { "http://127.0.0.1:\(port)" }
  let folder: String
  /// How long it waits for Kafka as it is delivered. Tests of anything else give a busy machine more.
  static let impatient = ["kafka.patience": "800ms", "kafka.timeout": "10s"]
  private let arguments: [String]
  private let process = Guarded<ChildProcess?>(nil)

  /// - Parameters:
  ///   - apps: their names; the secret of `shop` is `secret-shop`, its topic `shop_logs`.
  ///   - minimumReplicas: `min.insync.replicas` of the topics that it makes.
  ///   - settings: more settings, by name.
  init(
    kafka: String, apps: [String] = ["shop"], partitions: Int = 2, replicas: Int = 1, minimumReplicas: Int = 1,
    settings: [String: String] = [:]
  ) async throws {
    folder = try makeTemporaryFolder()
    let free = try freePorts(3)
    port = free[0]
    var endpoints = ClusterEndpoints(kafkaBrokers: kafka, elasticsearchURL: "http://127.0.0.1:1")
    endpoints.partitions = partitions
    endpoints.replicationFactor = replicas
    endpoints.minimumInsyncReplicas = minimumReplicas
    let group = GroupProfile(
      clusterName: ClusterName("haza"), name: "haza", status: .active, secrets: [], cluster: endpoints,
      limits: .unlimited
    )
    let profiles = apps.enumerated().map { number, name in
      AppProfile(
        id: AppID(Int64(number + 1)), clusterName: ClusterName("haza"), name: name, topicName: name, status: .active,
        secrets: [SecretHash(of: "secret-\(name)")], limits: .unlimited, overload: .refuse, isProbe: false)
    }
    let snapshot = "\(folder)/router.snapshot"
    try Data(try WireJSON.encode(ProfilePage(version: 1, groups: [group], apps: profiles)))
      .write(to: URL(filePath: snapshot))
    let all = [
      "http.address": "127.0.0.1:\(free[0])", "viewer.address": "127.0.0.1:\(free[1])",
      "forward.address": "", "syslog.address": "",
      "admin.address": "127.0.0.1:\(free[2])", "market.url": "http://127.0.0.1:1", "kafka.brokers": kafka,
      "snapshot.path": snapshot, "log.format": "text", "kafka.patience": "30s", "kafka.timeout": "30s",
    ].merging(settings) { $1 }
    arguments = all.sorted { $0.key < $1.key }.flatMap {
      ["--" + $0.key.split(separator: ".").joined(separator: "-"), $0.value]
    }
    try await start()
  }

  var pid: Int32 { process.with { $0?.pid ?? 0 } }

  /// Starts it, again on the same port, and waits until it answers.
  func start() async throws {
    let started = try ChildProcess(
      "router", "\(programFolder)/barito-router", arguments,
      environment: ["PATH": "/usr/bin:/bin", "BARITO_SERVICE_TOKEN": String(repeating: "t", count: 40)],
      output: "\(folder)/router.log")
    process.with { $0 = started }
    let url = url
    try await eventually(within: .seconds(40), "the Router answers") {
      if let status = started.exitStatus {
        throw Ended(description: "the Router ended with \(status)\n\(started.lastOutput)")
      }
      return (try? await CurlClient().perform(CurlRequest("GET", "\(url)/ping", timeout: .seconds(2))))?.status == 200
    }
  }

  /// Ends it without a word, as a crash does.
  func kill() async { await process.with { $0 }?.killNow() }

  func send(_ signal: Int32) { process.with { $0 }?.send(signal) }

  func waitForExit(within limit: Duration) async throws -> Int32 {
    try await process.with { $0 }?.waitForExit(within: limit) ?? -1
  }

  func stop() async {
    await process.with { $0 }?.stop(within: .seconds(40))
    removeFolder(folder)
  }

  var isRunning: Bool { process.with { $0?.exitStatus == nil } }

  /// What it said last, for a failure's message.
  var lastWords: String { process.with { $0?.lastOutput ?? "" } }

  /// Resident bytes now.
  var residentBytes: Int {
    let status = String(decoding: contents(ofFile: "/proc/\(pid)/status") ?? [], as: UTF8.self)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else { return 0 }
    return (line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }

  /// Sends one body and gives the answer.
  func post(
    _ path: String, _ body: [UInt8], app: String = "shop", _ headers: [String: String] = [:],
    timeout: Duration = .seconds(40), with client: CurlClient = CurlClient()
  ) async throws -> CurlResponse {
    var request = CurlRequest("POST", url + path, body: body, timeout: timeout)
    request.setHeader("X-App-Secret", "secret-\(app)")
    request.setHeader("Content-Type", "application/json")
    for (name, value) in headers { request.setHeader(name, value) }
    return try await client.perform(request)
  }
}

import BaritoCore
import BaritoService
import Curl
import FaultKit
import FoundationEssentials
import Glibc
import TestKit

/// A Flow as a process of its own. It can be killed and started again; what it says is kept over its lives.
final class FlowProcess: Sendable {
  struct Ended: Error, CustomStringConvertible { let description: String }

  let folder: String
  private let admin: String
  private let environment: [String: String]
  private let process = Guarded<ChildProcess?>(nil)

  /// - Parameters:
  ///   - elasticsearch: its URL, or that of what stands before it.
  ///   - settings: more settings, by name.
  ///   - environment: more variables.
  init(
    _ stage: FlowStage, elasticsearch: String? = nil, settings: [String: String] = [:],
    environment: [String: String] = [:]
  ) async throws {
    folder = try makeTemporaryFolder()
    admin = "127.0.0.1:\(try freePorts(1)[0])"
    let snapshot = "\(folder)/flow.snapshot"
    try Data(try WireJSON.encode(stage.profiles)).write(to: URL(filePath: snapshot))
    let all = [
      "kafka.brokers": stage.brokers, "kafka.group": stage.group, "topic.prefix": stage.naming.prefix,
      "elasticsearch.url": elasticsearch ?? stage.elasticsearch, "admin.address": admin,
      "market.url": "http://127.0.0.1:1", "snapshot.path": snapshot, "log.format": "text",
    ].merging(settings) { $1 }
    // Not as arguments: what is preloaded for a test may hide them from Swift's runtime.
    let settings = all.map { name, value in
      ("BARITO_" + String(name.map { $0 == "." || $0 == "-" ? "_" : $0 }).uppercased(), value)
    }
    self.environment = ["PATH": "/usr/bin:/bin", "BARITO_SERVICE_TOKEN": String(repeating: "t", count: 40)]
      .merging(settings) { $1 }.merging(environment) { $1 }
    try await start()
  }

  var pid: Int32 { process.with { $0?.pid ?? 0 } }
  var isRunning: Bool { process.with { $0.map { $0.exitStatus == nil } ?? false } }

  /// Starts it, again with the same settings, and waits until it lives.
  func start() async throws {
    let started = try ChildProcess(
      "flow", "\(programFolder)/barito-flow", [], environment: environment, output: "\(folder)/flow.log")
    process.with { $0 = started }
    try await eventually(within: .seconds(60), "Flow lives") {
      if let status = started.exitStatus {
        throw Ended(description: "Flow ended with \(status)\n\(started.lastOutput)")
      }
      return await get("/livez") != nil
    }
  }

  /// Ends it without a word, as a crash does.
  func kill() async { await process.with { $0 }?.killNow() }

  func send(_ signal: Int32) { process.with { $0 }?.send(signal) }

  /// Asks it to end.
  /// - Returns: its exit status; nil where it had to be killed.
  func end() async -> Int32? {
    guard let child = process.with({ $0 }) else { return nil }
    child.send(SIGTERM)
    if let status = try? await child.waitForExit(within: .seconds(60)) { return status }
    await child.killNow()
    return nil
  }

  func remove() async {
    if isRunning { await kill() }
    removeFolder(folder)
  }

  /// What it said last, for a failure's message.
  var lastWords: String { process.with { $0?.lastOutput ?? "" } }
  var log: String { String(decoding: process.with { $0?.output ?? [] }, as: UTF8.self) }

  /// The value of a metric of this life, all labels together; nil where it does not answer.
  func metric(_ name: String) async -> Double? {
    guard let text = await get("/metrics") else { return nil }
    return text.split(separator: "\n").filter { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }
      .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
  }

  private func get(_ path: String) async -> String? {
    let answer = try? await CurlClient().perform(CurlRequest("GET", "http://\(admin)\(path)", timeout: .seconds(5)))
    return answer?.status == 200 ? answer?.text : nil
  }
}

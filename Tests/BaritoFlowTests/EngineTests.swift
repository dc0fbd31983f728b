import TestKit
import Testing

@testable import BaritoFlow

/// The older server and the fork, started for this test alone, one after the other.
@Suite(.timeLimit(.minutes(40)), .enabled(if: environmentVariable("BARITO_TEST_ENGINE") != nil)) struct EngineTests {
  struct Failure: Error, CustomStringConvertible { let description: String }

  @Test("templates, conflicts and too many fields: what holds for Elasticsearch 8 holds for 7 and for OpenSearch")
  func engines() async throws {
    for kind in ["elasticsearch7", "opensearch"] {
      try await withEngine(kind) { url in
        try await SearchScenarios(url: url).templatesAreKept()
        try await SearchScenarios(url: url).conflictsCostTheField()
        try await SearchScenarios(url: url).brokenIsQuarantined()
        try await SearchScenarios(url: url).storm(fields: 1_500, lines: 50)
      }
    }
  }

  private func withEngine(_ kind: String, _ body: (_ url: String) async throws -> Void) async throws {
    let engine = try #require(environmentVariable("BARITO_TEST_ENGINE"))
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    let (url, server) = try await start(kind, by: engine, in: folder)
    do {
      try await body(url)
    } catch {
      _ = try? await run(engine, ["stop", server], in: folder)
      throw error
    }
    _ = try await run(engine, ["stop", server], in: folder)
  }

  /// On a busy machine a server may be up too late for the command's patience: then another is started.
  private func start(
    _ kind: String, by engine: String, in folder: String
  ) async throws -> (url: String, server: String) {
    var failure: any Error = Failure(description: "\(kind) was not started")
    for attempt in 1...4 {
      let server = "\(folder)/server-\(attempt)"
      do {
        let output = try await run(engine, ["start", kind, server, "--heap", "512m"], in: folder)
        return (output.split(separator: "\n").last.map { String($0) } ?? "", server)
      } catch {
        _ = try? await run(engine, ["stop", server], in: folder)
        failure = error
      }
    }
    throw failure
  }

  private func run(_ engine: String, _ arguments: [String], in folder: String) async throws -> String {
    let name = "\(folder)/engine-\(UInt32.random(in: 0 ... .max))"
    let process = try ChildProcess("engine", engine, arguments, output: "\(name).out", errors: "\(name).err")
    let status = try await process.waitForExit(within: .seconds(300))
    guard status == 0 else {
      let errors = String(decoding: (contents(ofFile: "\(name).err") ?? []).suffix(1000), as: UTF8.self)
      throw Failure(description: "engine \(arguments.joined(separator: " ")) ended with \(status): \(errors)")
    }
    return String(decoding: process.output, as: UTF8.self)
  }
}

import FaultKit
import TestKit
import Testing

/// What becomes of records when something breaks, with real servers and Flow as a process. One at a time: they share the
/// servers that they hurt. Each test is in an extension.
@Suite(
  .serialized, .enabled(if: Engine.command != nil, "make test starts real servers where it can"), .servers,
  .timeLimit(.minutes(15)))
struct FlowFaults {
  /// BARITO_TEST_LONG makes them as long as operators would wish.
  static let isLong = environmentVariable("BARITO_TEST_LONG") != nil

  /// Runs a body with a stage, a Flow and a load, then stops the load and expects the account to balance.
  ///
  /// - Parameters:
  ///   - isFaulty: whether Flow meets Elasticsearch through what can be told to fail.
  ///   - endsCleanly: whether Flow must end by itself when it is asked to.
  static func run(
    perSecond: Int = 600, shape: Load.Shape = Load.Shape(), settings: [String: String] = [:],
    environment: [String: String] = [:], isFaulty: Bool = false, endsCleanly: Bool = true,
    within limit: Duration = .seconds(180),
    _ body: (FlowRun) async throws -> Void
  ) async throws {
    let servers = try #require(FlowServers.current)
    let stage = try await FlowStage(servers)
    let faulty = FaultyElasticsearch(before: stage.elasticsearch)
    let flow = try await FlowProcess(
      stage, elasticsearch: isFaulty ? faulty.url : nil, settings: settings, environment: environment)
    let load = Load(stage)
    let progress = try ProgressReader(stage)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await load.run(perSecond: perSecond, shape) }
        defer { load.stop() }
        try await body(
          FlowRun(servers: servers, stage: stage, flow: flow, load: load, elasticsearch: faulty, progress: progress))
        load.stop()
        try await group.waitForAll()
      }
      try await stage.expectBalance(within: limit) { flow.lastWords }
      if endsCleanly { #expect(await flow.end() == 0, "\(flow.lastWords)") }
    } catch {
      Issue.record("\(error)\n\(flow.lastWords)")
    }
    await progress.close()
    await flow.remove()
  }
}

/// What a test has at hand.
struct FlowRun: Sendable {
  let servers: FlowServers
  let stage: FlowStage
  let flow: FlowProcess
  let load: Load
  let elasticsearch: FaultyElasticsearch
  let progress: ProgressReader
}

import Kafka
import TestKit
import Testing

extension FlowFaults {
  @Test("Flows that come and go every five seconds lose nothing, and no partition stands still for long")
  func membership() async throws {
    let stage = try await FlowStage(try #require(FlowServers.current), partitions: 4)
    let load = Load(stage)
    let progress = try ProgressReader(stage)
    let stalls = Stalls()
    var flows = [try await FlowProcess(stage)]
    var gone: [FlowProcess] = []
    func log() -> String { (gone.suffix(1) + flows).map(\.lastWords).joined(separator: "\n") }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await load.run(perSecond: 600) }
        defer { load.stop() }
        try await progress.advance("records are indexed")
        group.addTask { try await stalls.watch(stage, while: load) }
        for _ in 0..<(FlowFaults.isLong ? 60 : 4) {
          flows.append(try await FlowProcess(stage))
          try await Task.sleep(for: .seconds(5))
          let leaving = flows.removeFirst()
          #expect(await leaving.end() == 0, "\(leaving.lastWords)")
          gone.append(leaving)
        }
        load.stop()
        try await group.waitForAll()
      }
      // The session time-out is ten seconds.
      let longest = stalls.longest
      #expect(longest.duration < .seconds(20), "\(longest.partition) stood still for \(longest.duration)\n\(log())")
      try await stage.expectBalance { log() }
    } catch {
      Issue.record("\(error)\n\(log())")
    }
    await progress.close()
    for flow in flows + gone { await flow.remove() }
  }
}

/// How long a partition with something to do was not committed further.
final class Stalls: Sendable {
  private struct State: Sendable {
    var since: [TopicPartition: (offset: Int64, at: ContinuousClock.Instant)] = [:]
    var longest = (partition: TopicPartition("", 0), duration: Duration.zero)
  }

  private let state = Guarded(State())

  var longest: (partition: TopicPartition, duration: Duration) { state.with { $0.longest } }

  func watch(_ stage: FlowStage, while load: Load) async throws {
    let progress = try ProgressReader(stage)
    while load.isRunning {
      if let now = try? await progress.now() { note(now, at: .now) }
      try await Task.sleep(for: .milliseconds(200))
    }
    await progress.close()
  }

  private func note(_ progress: Progress, at now: ContinuousClock.Instant) {
    state.with { state in
      for partition in progress.ends.keys {
        let committed = progress.committed[partition] ?? 0
        let before = state.since[partition]
        guard let before, before.offset == committed, progress.lag(of: partition) > 0 else {
          state.since[partition] = (committed, now)
          continue
        }
        if now - before.at > state.longest.duration { state.longest = (partition, now - before.at) }
      }
    }
  }
}

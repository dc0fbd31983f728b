import TestKit
import Testing

extension FlowFaults {
  @Test("a Flow that is killed every few seconds under load loses and doubles nothing, and commits nothing unfinished")
  func killed() async throws {
    let rate = isLong ? try await capacity() * 8 / 10 : 600
    try await FlowFaults.run(perSecond: rate, within: isLong ? .seconds(600) : .seconds(120)) { run in
      try await run.progress.advance("records are indexed")
      let end = ContinuousClock.now + (isLong ? .seconds(300) : .seconds(30))
      var kills = 0
      while ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(Int.random(in: 1000...5000)))
        await run.flow.kill()
        kills += 1
        if kills % (isLong ? 20 : 4) == 0 { try await run.stage.expectCommittedIsFinished() }
        try await run.flow.start()
      }
      #expect(kills >= 5, "killed \(kills) times")
    }
  }

  private var isLong: Bool { FlowFaults.isLong }

  /// Records a second that Flow gets through here.
  private func capacity() async throws -> Int {
    let stage = try await FlowStage(try #require(FlowServers.current))
    let total = 100_000
    try await Load(stage).run(perSecond: 100_000, total: total)
    let flow = try await FlowProcess(stage)
    let progress = try ProgressReader(stage)
    try await progress.advance(by: 1, within: .seconds(60), "records are indexed")
    let (before, start) = (try await progress.now().lag, ContinuousClock.now)
    try await progress.drained(within: .seconds(300))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    await progress.close()
    await flow.remove()
    return Int(Double(before) / seconds)
  }
}

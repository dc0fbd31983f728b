import FaultKit
import FoundationEssentials
import Glibc
import TestKit
import Testing

extension FlowFaults {
  @Test("records of both sides of midnight go to the day of each, also when they are tried again the day after")
  func midnight() async throws {
    let day: Int64 = 86_400_000
    let midnight = Int64(Date.now.timeIntervalSince1970 * 1000) / day * day
    let shape = Load.Shape(timestamps: [midnight - 1, midnight, midnight - 500, midnight + 500])
    try await FlowFaults.run(shape: shape, isFaulty: true) { run in
      run.elasticsearch.begin(.refused(status: 503), every: 2)
      try await run.progress.advance(by: 500, "records are indexed meanwhile")
      run.elasticsearch.begin(.lostAnswer, every: 2)
      try await run.progress.advance(by: 500, "records are indexed meanwhile")
      run.elasticsearch.end()
    }
  }

  @Test("a wall clock that jumps by days, back and forth, while records are tried again changes nothing")
  func clockJumps() async throws {
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    let clock = try WallClock("\(folder)/clock")
    try await FlowFaults.run(environment: clock.environment, isFaulty: true) { run in
      try await run.progress.advance("records are indexed before")
      run.elasticsearch.begin(.refused(status: 503), every: 2)
      for days in [1, -2, 400, 0] {
        clock.jump(to: .seconds(days * 86_400))
        try await run.progress.advance(by: 400, "records are indexed at \(days) days")
      }
      run.elasticsearch.end()
    }
  }

  @Test("a Flow that waits for records while the wall clock is set back by a day goes on, and stops when it is told to")
  func clockBackWhileIdle() async throws {
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    let clock = try WallClock("\(folder)/clock")
    clock.jump(to: .seconds(86_400))
    let stage = try await FlowStage(try #require(FlowServers.current))
    let flow = try await FlowProcess(stage, environment: clock.environment)
    let progress = try ProgressReader(stage)
    do {
      let first = Load(stage)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await first.run(perSecond: 200) }
        try await progress.advance("records are indexed before")
        first.stop()
      }
      try await stage.expectBalance { flow.lastWords }
      clock.jump(to: .zero)
      let second = Load(stage)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await second.run(perSecond: 200, name: "after") }
        try await progress.advance("records are indexed after")
        second.stop()
      }
      try await stage.expectBalance { flow.lastWords }
      #expect(await flow.end() == 0, "\(flow.lastWords)")
    } catch {
      Issue.record("\(error)\n\(flow.lastWords)")
    }
    await progress.close()
    await flow.remove()
  }
}

/// The wall clock of a program that runs with its `environment`, which jumps when told to. See `CJumpingClock`.
final class WallClock: Sendable {
  private let path: String
  private let file: CInt

  init(_ path: String) throws {
    self.path = path
    // Written in place: the program has it in its memory.
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    jump(to: .zero)
  }

  deinit { close(file) }

  var environment: [String: String] {
    ["LD_PRELOAD": "\(programFolder)/libJumpingClock.so", "JUMPING_CLOCK": path]
  }

  /// - Parameter offset: how much it is ahead of the machine's.
  func jump(to offset: Duration) {
    var nanoseconds = Int64(offset / .nanoseconds(1))
    _ = pwrite(file, &nanoseconds, MemoryLayout<Int64>.size, 0)
  }
}

import BaritoCore
import PathfinderSimulator
import Testing

@testable import BaritoProvisioner

@Suite("Killing the Provisioner between any two steps", .timeLimit(.minutes(3))) struct RestartTests {
  /// What is left when all is over.
  struct End: Equatable {
    var containers: [SimulatedContainer]
    var deployments: [SimulatedDeployment]
    var told: Set<Told>
    var committed: Int64
  }

  /// Lives one after another, each killed after so many effects, and a last one that is not.
  /// - Returns: how it ended, and the effects of the last life.
  private func end(_ requests: [ProvisioningRequest], _ faults: [SimulatedFault], killedAfter kills: [Int])
    async throws -> (End, Int)
  {
    var result: (End, Int)?
    try await Bench.with { bench in
      for fault in faults { bench.simulator.inject(fault) }
      let topic = MemoryTopic(requests)
      for kill in kills {
        await #expect(throws: Life.Killed.self) { try await bench.live(topic, Life(effects: kill)) }
      }
      let last = Life()
      try await bench.live(topic, last)
      let end = End(
        containers: bench.simulator.containers, deployments: bench.simulator.deployments, told: bench.events.told,
        committed: topic.committed)
      result = (end, last.effects)
    }
    return try #require(result)
  }

  private func everyKill(_ requests: [ProvisioningRequest], _ faults: [SimulatedFault] = []) async throws {
    let (expected, effects) = try await end(requests, faults, killedAfter: [])
    #expect(expected.committed == Int64(requests.count))
    #expect(effects > 10)
    for kill in 1...effects {
      let (after, _) = try await end(requests, faults, killedAfter: [kill])
      #expect(after.containers == expected.containers, "killed after \(kill) effects")
      #expect(after.deployments == expected.deployments, "killed after \(kill) effects")
      #expect(after.told == expected.told, "killed after \(kill) effects")
      #expect(after.committed == expected.committed, "killed after \(kill) effects")
    }
  }

  @Test("ends as if it had not been killed: a cluster that comes up")
  func creation() async throws { try await everyKill([request()]) }

  @Test("ends as if it had not been killed: a cluster whose instances fail at first")
  func failing() async throws {
    try await everyKill([request()], [.provisionErrors("haza-kafka-01", 1), .bootstrapErrors("haza-zookeeper-01", 2)])
  }

  @Test("ends as if it had not been killed: a batch that is refused")
  func refused() async throws {
    let (expected, effects) = try await end([request()], [.refusedBatches("no")], killedAfter: [])
    #expect(expected.told.map(\.status).contains(.deploymentError))
    for kill in 1...effects {
      #expect(try await end([request()], [.refusedBatches("no")], killedAfter: [kill]).0 == expected)
    }
  }

  @Test("ends as if it had not been killed: a cluster that is made and deleted")
  func deletion() async throws {
    try await Bench.with { bench in
      try await bench.live(MemoryTopic([request()]))
      let made = bench.simulator.containers
      #expect(made.allSatisfy { $0.status == "BOOTSTRAPPED" })
      let topic = MemoryTopic([request(.delete, id: "r2")])
      for kill in 1...8 where !topic.isDone { try? await bench.live(topic, Life(effects: kill)) }
      try await bench.live(topic)
      #expect(bench.simulator.containers.allSatisfy { $0.status == "DELETED" })
      #expect(bench.simulator.containers.count == made.count)
      #expect(Set(bench.events.statuses(of: "r2")) == [.pending, .deleteStarted, .deleted])
    }
  }

  @Test("ends as if it had not been killed: killed again and again")
  func manyKills() async throws {
    let expected = try await end([request()], [], killedAfter: []).0
    #expect(try await end([request()], [], killedAfter: [1, 2, 3, 5, 8, 13, 21]).0 == expected)
  }
}

import BaritoCore
import Curl
import PathfinderSimulator
import Testing

@testable import BaritoProvisioner

@Suite("Pathfinder driver", .timeLimit(.minutes(1))) struct PathfinderDriverTests {
  @Test("what is applied is what exists some ticks later")
  func apply() async throws {
    try await Bench.with { bench in
      let plan = bench.driver.plan(request())
      #expect(try await bench.driver.observe(plan).isEmpty)
      try await bench.driver.apply(plan)
      try await bench.driver.apply(plan)
      #expect(try await bench.driver.observe(plan).isEmpty)
      bench.simulator.tick()
      #expect(try await bench.driver.observe(plan).map(\.status) == Array(repeating: .pending, count: 4))
      for _ in 0..<4 { bench.simulator.tick() }
      let states = try await bench.driver.observe(plan)
      #expect(Set(states.map(\.hostname)) == Set(plan.instances.map(\.hostname)))
      #expect(states.allSatisfy { $0.status == .bootstrapFinished && $0.ipAddress != nil })
      #expect(plan.endpoints(states) != nil)
      #expect(bench.simulator.calls.contains { $0 == "POST /api/v2/ext_app/deployments/batch?cluster_name=barito" })
      #expect(
        bench.simulator.calls.contains {
          $0 == "GET /api/v2/ext_app/deployments/haza-kafka/containers?name=haza-kafka&cluster_name=barito"
        })
    }
  }

  @Test(
    "what Pathfinder answers is told apart, and its backtrace is told to nobody",
    arguments: [
      (SimulatedFault.rejectedToken(true), ProvisionerError.Code.unauthorized, "pathfinder.token"),
      (.refusedBatches("Image is gone"), .invalid, "Image is gone"),
      (.serverErrors(1), .serverFailed, "answers 500"), (.droppedAnswers(1), .unreachable, "does not answer"),
    ])
  func faults(fault: SimulatedFault, code: ProvisionerError.Code, text: String) async throws {
    try await Bench.with { bench in
      bench.simulator.inject(fault)
      do throws(ProvisionerError) {
        try await bench.driver.apply(bench.driver.plan(request()))
        Issue.record("it was applied")
      } catch {
        #expect(error.code == code)
        #expect(error.detail.contains(text), "\(error.detail)")
        #expect(!error.detail.contains("secret_internals"))
        #expect(!error.detail.contains("pathfinder-token"))
      }
    }
  }

  @Test("a Pathfinder that hangs is given up after the time-out")
  func hang() async throws {
    try await Bench.with { bench in
      var bench = bench
      bench.timeout = .milliseconds(200)
      bench.simulator.inject(.hanging("haza"))
      await #expect(throws: ProvisionerError.self) { try await bench.driver.apply(bench.driver.plan(request())) }
    }
  }

  @Test("a container that Pathfinder does not know, which it answers with 500, is asked for again as a whole")
  func unknownContainer() async throws {
    try await Bench.with { bench in
      let plan = bench.driver.plan(request())
      try await bench.driver.retry(.init(hostname: "haza-kafka-01", type: .kafka, step: .reschedule), of: plan)
      #expect(bench.simulator.deployments.map(\.name) == ["haza-elasticsearch", "haza-kafka", "haza-zookeeper"])
    }
  }

  @Test(
    "each retry does what its name says",
    arguments: [
      (ComponentRetry.Step.reschedule, "PENDING"), (.rebootstrap, "PROVISIONED"), (.delete, "SCHEDULE_DELETION"),
    ])
  func retry(step: ComponentRetry.Step, status: String) async throws {
    try await Bench.with { bench in
      let plan = bench.driver.plan(request())
      try await bench.driver.apply(plan)
      for _ in 0..<5 { bench.simulator.tick() }
      try await bench.driver.retry(.init(hostname: "haza-kafka-02", type: .kafka, step: step), of: plan)
      #expect(bench.simulator.containers.first { $0.hostname == "haza-kafka-02" }?.status == status)
      #expect(bench.simulator.containers.first { $0.hostname == "haza-kafka-01" }?.status == "BOOTSTRAPPED")
    }
  }

  @Test("an answer that is not Pathfinder's is said to be so")
  func notPathfinder() {
    #expect(throws: ProvisionerError.self) {
      let _: PathfinderCodec.Containers? = try PathfinderClient.read(
        CurlResponse(status: 200, body: Array("<html>".utf8)), "look")
    }
  }

  @Test("a list is read bare and under items, and a state that is new does not stop anybody")
  func lists() throws {
    for text in [
      #"{"data":[{"hostname":"a","status":"NEWER","ipaddress":null}]}"#,
      #"{"data":{"items":[{"hostname":"a","status":"NEWER"}]}}"#,
    ] {
      let list: PathfinderCodec.Containers? = try PathfinderClient.read(
        CurlResponse(status: 200, body: Array(text.utf8)), "look")
      let container = try #require(list?.items.first)
      let state = PathfinderDriver.state(container, .kafka)
      #expect(state.status == .provisioningStarted)
      #expect(state.message.contains("NEWER"))
    }
  }
}

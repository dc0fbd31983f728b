import BaritoCore
import Testing

@testable import BaritoProvisioner

@Suite("Run") struct RunTests {
  let plan = ProvisioningPlan(request(), pathfinder: pathfinderSettings)

  private func run(_ kind: ProvisioningRequest.Kind = .create, retries: Int = 2) -> ProvisioningRun {
    ProvisioningRun(kind, plan, .init(componentTimeout: .seconds(100), retries: retries))
  }

  /// All instances of the plan in one state, but for those that are given.
  private func all(_ status: ProvisioningStatus, but others: [String: ProvisioningStatus] = [:]) -> [ComponentState] {
    plan.instances.enumerated().map { index, instance in
      ComponentState(
        hostname: instance.hostname, type: instance.type, status: others[instance.hostname] ?? status,
        ipAddress: "10.0.0.\(index)")
    }
  }

  private func group(_ step: ProvisioningRun.Step) -> [ProvisioningStatus] {
    step.reports.filter { $0.component == nil }.map(\.status)
  }

  @Test("a cluster comes up step by step, each told once")
  func happyWay() throws {
    var run = run()
    var step = run.begin(now: .zero)
    #expect(group(step) == [.pending, .deploymentStarted])
    #expect(step.action == .apply)
    step = run.applied(now: .zero)
    #expect(group(step) == [.deploymentFinished, .provisioningStarted])
    #expect(step.action == .observe)
    step = run.observed([], now: .seconds(1))
    #expect(step == .init(action: .wait))
    step = run.observed(all(.pending), now: .seconds(2))
    #expect(group(step) == [])
    #expect(step.reports.count == 4)
    step = run.observed(all(.provisioningStarted, but: ["haza-kafka-01": .provisioningFinished]), now: .seconds(3))
    #expect(group(step) == [])
    step = run.observed(all(.provisioningFinished), now: .seconds(4))
    #expect(group(step) == [.provisioningFinished, .bootstrapStarted])
    #expect(run.observed(all(.provisioningFinished), now: .seconds(5)) == .init(action: .wait))
    step = run.observed(all(.bootstrapFinished), now: .seconds(6))
    #expect(group(step) == [.bootstrapFinished, .verifying])
    let endpoints = try #require(plan.endpoints(all(.bootstrapFinished)))
    #expect(step.action == .verify(endpoints))
    #expect(step.reports.filter { $0.component == nil }.allSatisfy { $0.cluster == endpoints })
    step = run.verified(.searchable(after: .milliseconds(1234)))
    #expect(group(step) == [.finished])
    #expect(step.action == .end(.finished))
    #expect(step.reports.first?.message.contains("1.2 s") == true)
  }

  @Test("one that finds everything there already tells every step all the same")
  func lateStart() {
    var run = run()
    var told = group(run.begin(now: .zero)) + group(run.applied(now: .zero))
    let step = run.observed(all(.bootstrapFinished), now: .zero)
    told += group(step)
    #expect(
      told == [
        .pending, .deploymentStarted, .deploymentFinished, .provisioningStarted, .provisioningFinished,
        .bootstrapStarted, .bootstrapFinished, .verifying,
      ])
  }

  @Test(
    "an instance that fails is tried again a bounded number of times",
    arguments: [
      (ProvisioningStatus.provisioningError, ComponentRetry.Step.reschedule),
      (.bootstrapError, .rebootstrap),
    ])
  func retries(error: ProvisioningStatus, retry: ComponentRetry.Step) {
    var run = run(retries: 2)
    _ = run.begin(now: .zero)
    _ = run.applied(now: .zero)
    let name = "haza-kafka-02"
    let failing = all(.provisioningFinished, but: [name: error])
    for number in 1...2 {
      let step = run.observed(failing, now: .seconds(number))
      #expect(step.action == .retry([ComponentRetry(hostname: name, type: .kafka, step: retry)]))
      #expect(
        step.reports.contains { $0.status == error && $0.component == name && $0.message.contains("\(number) of 2") })
      #expect(run.observed(failing, now: .seconds(number)).action == .wait, "the old error still shows")
      _ = run.observed(all(.provisioningFinished, but: [name: .provisioningStarted]), now: .seconds(number))
    }
    let step = run.observed(failing, now: .seconds(4))
    #expect(step.action == .end(.failed))
    let last = step.reports.last
    #expect(last?.status == error)
    #expect(last?.component == name)
    #expect(last?.message.contains("tried again 2 times") == true)
    #expect(last?.message.contains("then ask again") == true)
  }

  @Test("a retry that changes nothing counts as failed after a while")
  func deafRetry() {
    var run = run(retries: 1)
    _ = run.begin(now: .zero)
    _ = run.applied(now: .zero)
    let failing = all(.provisioningFinished, but: ["haza-kafka-01": .provisioningError])
    #expect(run.observed(failing, now: .zero).action != .wait)
    #expect(run.observed(failing, now: .seconds(59)).action == .wait)
    #expect(run.observed(failing, now: .seconds(60)).action == .end(.failed))
  }

  @Test("every instance that failed for good is named")
  func severalFailures() {
    var run = run(retries: 0)
    _ = run.begin(now: .zero)
    _ = run.applied(now: .zero)
    let step = run.observed(
      all(.pending, but: ["haza-kafka-01": .provisioningError, "haza-zookeeper-01": .bootstrapError]), now: .zero)
    #expect(step.action == .end(.failed))
    #expect(
      Set(step.reports.filter(\.status.isError).compactMap(\.component)) == ["haza-kafka-01", "haza-zookeeper-01"])
  }

  @Test(
    "an instance that does not move gets the help that its state allows",
    arguments: [
      (ProvisioningStatus.pending, nil), (.provisioningStarted, ComponentRetry.Step.reschedule),
      (.provisioningFinished, .rebootstrap), (.bootstrapStarted, .rebootstrap), (.deleteStarted, nil),
    ] as [(ProvisioningStatus, ComponentRetry.Step?)])
  func stuck(status: ProvisioningStatus, help: ComponentRetry.Step?) {
    var run = run(retries: 1)
    _ = run.begin(now: .zero)
    _ = run.applied(now: .zero)
    let states = all(.bootstrapFinished, but: ["haza-kafka-02": status])
    #expect(run.observed(states, now: .seconds(1)).action == .wait)
    #expect(run.observed(states, now: .seconds(100)).action == .wait)
    let step = run.observed(states, now: .seconds(101))
    guard let help else {
      #expect(step.action == .end(.failed))
      #expect(step.reports.last?.component == "haza-kafka-02")
      return
    }
    #expect(step.action == .retry([ComponentRetry(hostname: "haza-kafka-02", type: .kafka, step: help)]))
    #expect(run.observed(states, now: .seconds(150)).action == .wait)
    #expect(run.observed(states, now: .seconds(202)).action == .end(.failed))
  }

  @Test("a scheduler that never makes anything is told, with what to look at")
  func noScheduler() {
    var run = run()
    _ = run.begin(now: .zero)
    _ = run.applied(now: .zero)
    #expect(run.observed([], now: .seconds(99)).action == .wait)
    let step = run.observed([], now: .seconds(100))
    #expect(step.action == .end(.failed))
    #expect(step.reports.count == plan.instances.count)
    #expect(step.reports.allSatisfy { $0.status == .provisioningError && $0.message.contains("scheduler") })
  }

  @Test("what the driver says of an instance that waits is told when the wait was too long")
  func saidWhileWaiting() {
    let plan = ProvisioningPlan(
      request(), local: LocalSettings(kafkaBrokers: "k:1", elasticsearchURL: "http://e:1", replicationFactor: 1))
    var run = ProvisioningRun(.create, plan, .init(componentTimeout: .seconds(100)))
    _ = run.begin(now: .zero)
    _ = run.applied(now: .zero)
    let states = [
      ComponentState(hostname: "local-kafka", type: .kafka, status: .pending, message: "start it"),
      ComponentState(hostname: "local-elasticsearch", type: .elasticsearch, status: .bootstrapFinished),
    ]
    #expect(run.observed(states, now: .zero).reports.contains { $0.message == "start it" })
    let step = run.observed(states, now: .seconds(100))
    #expect(step.action == .end(.failed))
    #expect(step.reports.map(\.component) == ["local-kafka"])
    #expect(step.reports.last?.message.contains("start it") == true)
    #expect(step.reports.last?.message.contains("Pathfinder") == false)
  }

  @Test("a batch that Pathfinder refuses is the end, with its words")
  func refused() {
    var run = run()
    _ = run.begin(now: .zero)
    let step = run.failed(ProvisionerError(.invalid, "cannot deploy: no such image"), now: .zero)
    #expect(group(step) == [.deploymentError])
    #expect(step.reports.first?.message.contains("no such image") == true)
    #expect(step.action == .end(.failed))
  }

  @Test("a driver that is away is told of once, and the request goes on when it is back")
  func away() {
    var run = run()
    _ = run.begin(now: .zero)
    let error = ProvisionerError(.unreachable, "no answer")
    #expect(run.failed(error, now: .zero) == .init(action: .wait))
    #expect(run.resumed().action == .apply)
    #expect(group(run.failed(error, now: .seconds(60))) == [.deploymentError])
    #expect(group(run.failed(error, now: .seconds(70))) == [])
    #expect(run.applied(now: .seconds(80)).action == .observe)
    #expect(run.failed(error, now: .seconds(90)) == .init(action: .wait))
    #expect(run.resumed().action == .observe)
    #expect(group(run.failed(error, now: .seconds(150))) == [.provisioningError])
    #expect(group(run.observed(all(.pending), now: .seconds(160))) == [.provisioningStarted])
  }

  @Test("a driver that stays away fails the request in the end")
  func gone() {
    var run = run()
    _ = run.begin(now: .zero)
    let error = ProvisionerError(.serverFailed, "it answers 500")
    _ = run.failed(error, now: .zero)
    let step = run.failed(error, now: .seconds(100))
    #expect(step.action == .end(.failed))
    #expect(step.reports.first?.message.contains("given up") == true)
  }

  @Test("a refused token is told at once, and waited for")
  func token() {
    var run = run()
    _ = run.begin(now: .zero)
    let step = run.failed(ProvisionerError(.unauthorized, "set pathfinder.token"), now: .zero)
    #expect(group(step) == [.deploymentError])
    #expect(step.action == .wait)
  }

  @Test(
    "a template that keeps no line is refused before anything is made",
    arguments: [ComponentType.kafka, .elasticsearch])
  func unusable(missing: ComponentType) {
    var template = tiny
    template.components.removeAll { $0.type == missing }
    let plan = ProvisioningPlan(request(template: template), pathfinder: pathfinderSettings)
    var run = ProvisioningRun(.create, plan, .init())
    let step = run.begin(now: .zero)
    #expect(step.action == .end(.failed))
    #expect(step.reports.last?.message.contains(missing.rawValue) == true)
  }

  @Test("a deletion is over when nothing is left")
  func deletion() {
    var run = run(.delete)
    #expect(group(run.begin(now: .zero)) == [.pending, .deleteStarted])
    #expect(run.applied(now: .zero).action == .observe)
    #expect(run.observed(all(.bootstrapFinished), now: .zero).action == .wait)
    #expect(run.observed(all(.deleteStarted), now: .seconds(1)).action == .wait)
    #expect(run.observed(all(.deleted, but: ["haza-kafka-01": .deleteStarted]), now: .seconds(2)).action == .wait)
    let step = run.observed(all(.deleted), now: .seconds(3))
    #expect(group(step) == [.deleted])
    #expect(step.action == .end(.deleted))
  }

  @Test("an instance that does not go is deleted by name, then told of")
  func undeletable() {
    var run = run(.delete, retries: 1)
    _ = run.begin(now: .zero)
    _ = run.applied(now: .zero)
    let states = all(.deleted, but: ["haza-kafka-01": .deleteStarted])
    _ = run.observed(states, now: .zero)
    #expect(
      run.observed(states, now: .seconds(100)).action
        == .retry([ComponentRetry(hostname: "haza-kafka-01", type: .kafka, step: .delete)]))
    let step = run.observed(states, now: .seconds(200))
    #expect(step.action == .end(.failed))
    #expect(step.reports.last?.status == .deleteError)
  }

  @Test("whatever the driver says, a run ends within a bounded time and tells why", arguments: 0..<200)
  func alwaysEnds(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let kind: ProvisioningRequest.Kind = seed % 4 == 0 ? .delete : .create
    var run = run(kind)
    var now: Duration = .zero
    var step = run.begin(now: now)
    var told = step.reports
    var rounds = 0
    // Whether the driver gets anywhere at all, and how.
    let mood = Int.random(in: 0..<4, using: &random)
    while rounds < 20_000 {
      rounds += 1
      switch step.action {
      case .end(let outcome):
        #expect((outcome == .failed) == (told.last.map { $0.status.isError || $0.status == .verifying } ?? false))
        #expect(outcome != .finished || kind == .create)
        #expect(outcome != .deleted || kind == .delete)
        return
      case .apply:
        step =
          Int.random(in: 0..<3, using: &random) == 0
          ? run.failed(error(&random, mood), now: now) : run.applied(now: now)
      case .observe:
        step =
          Int.random(in: 0..<6, using: &random) == 0
          ? run.failed(error(&random, mood), now: now) : run.observed(states(&random, mood, kind), now: now)
      case .retry: step = .init(action: .wait)
      case .wait:
        now += .seconds(5)
        step = run.resumed()
      case .verify:
        step = run.verified(Bool.random(using: &random) ? .searchable(after: .seconds(1)) : .failed("no"))
      }
      told += step.reports
    }
    // A driver whose answers change for ever is progress for ever; all others must end.
    #expect(mood == 3, "a run never ended")
  }

  private func error(_ random: inout SplitMix, _ mood: Int) -> ProvisionerError {
    let codes: [ProvisionerError.Code] =
      mood == 0 ? ProvisionerError.Code.allCases : [.unreachable, .serverFailed, .unauthorized]
    return ProvisionerError(codes.randomElement(using: &random) ?? .unreachable, "x")
  }

  private func states(_ random: inout SplitMix, _ mood: Int, _ kind: ProvisioningRequest.Kind) -> [ComponentState] {
    switch mood {
    case 0: return all(kind == .create ? .bootstrapFinished : .deleted)
    case 1: return all(.provisioningStarted)
    case 2: return all(.bootstrapError)
    default:
      return plan.instances.filter { _ in Int.random(in: 0..<9, using: &random) > 0 }.map { instance in
        ComponentState(
          hostname: instance.hostname, type: instance.type,
          status: ProvisioningStatus.allCases.randomElement(using: &random) ?? .pending)
      }
    }
  }
}

/// Random numbers that a seed repeats.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

import BaritoCore
import BaritoService
import Kafka
import Lifecycle
import Logging
import Metrics
import PathfinderSimulator
import Synchronization

@testable import BaritoProvisioner

/// The smallest template that keeps lines.
let tiny = ClusterTemplate(
  name: "tiny", maxTPS: 10, kafkaPartitions: 2, kafkaReplicationFactor: 1,
  components: [
    .init(type: .zookeeper, count: 1, cpuLimit: "0-2", memoryLimit: "5GB"),
    .init(type: .kafka, count: 2, cpuLimit: "1-4", memoryLimit: "10GB"),
    .init(type: .elasticsearch, count: 1, cpuLimit: "1-4", memoryLimit: "20GB"),
  ])

func request(
  _ kind: ProvisioningRequest.Kind = .create, cluster: String = "haza", id: String = "r1",
  template: ClusterTemplate = tiny
) -> ProvisioningRequest {
  ProvisioningRequest(
    id: id, kind: kind, clusterName: ClusterName(cluster), groupName: "Team Haza", template: template,
    requestedAt: 1_790_000_000_000)
}

let pathfinderSettings = PathfinderSettings(
  cluster: "barito", cookbooksURL: "https://example.test/cookbooks.tar.gz", image: "ubuntu/22.04",
  remote: "barito-registry", fingerprint: "")

let someEndpoints = ClusterEndpoints(kafkaBrokers: "k:9092", elasticsearchURL: "http://e:9200")

/// What is left of an event when times and words are left out.
struct Told: Hashable, CustomStringConvertible {
  var request: String
  var status: ProvisioningStatus
  var component: String?
  var brokers: String?

  init(_ event: ProvisioningEvent) {
    request = event.requestID
    status = event.status
    component = event.component
    brokers = event.cluster?.kafkaBrokers
  }

  var description: String { "\(request) \(status.rawValue) \(component ?? "-") \(brokers ?? "")" }
}

/// A process that may be killed: after so many effects nothing of it has any effect any more.
final class Life: Sendable {
  struct Killed: Error {}

  private let left: Mutex<Int>
  private let done = Mutex(0)

  init(effects: Int = .max) { left = Mutex(effects) }

  var isOver: Bool { left.withLock { $0 <= 0 } }
  var effects: Int { done.withLock { $0 } }

  func count() {
    left.withLock { $0 -= 1 }
    done.withLock { $0 += 1 }
  }
}

/// Events in memory: what outlives a process.
final class RecordedEvents: Sendable {
  private let kept = Mutex<[ProvisioningEvent]>([])

  var all: [ProvisioningEvent] { kept.withLock { $0 } }
  var told: Set<Told> { Set(all.map(Told.init)) }
  func statuses(of request: String = "r1") -> [ProvisioningStatus] {
    all.filter { $0.requestID == request && $0.component == nil }.map(\.status)
  }
  func append(_ event: ProvisioningEvent) { kept.withLock { $0.append(event) } }
}

struct MortalEventLog: EventLog {
  let events: RecordedEvents
  var life = Life()

  func append(_ event: ProvisioningEvent) async throws {
    guard !life.isOver else { throw Life.Killed() }
    events.append(event)
    life.count()
  }
}

struct MortalDriver: Driver {
  let driver: any Driver
  let life: Life

  static let dead = ProvisionerError(.unreachable, "killed")

  func plan(_ request: ProvisioningRequest) -> ProvisioningPlan { driver.plan(request) }

  func apply(_ plan: ProvisioningPlan) async throws(ProvisionerError) {
    if life.isOver { throw MortalDriver.dead }
    try await driver.apply(plan)
    life.count()
    if life.isOver { throw MortalDriver.dead }
  }

  func observe(_ plan: ProvisioningPlan) async throws(ProvisionerError) -> [ComponentState] {
    if life.isOver { throw MortalDriver.dead }
    return try await driver.observe(plan)
  }

  func retry(_ retry: ComponentRetry, of plan: ProvisioningPlan) async throws(ProvisionerError) {
    if life.isOver { throw MortalDriver.dead }
    try await driver.retry(retry, of: plan)
    life.count()
  }
}

struct MortalProver: Prover {
  var life = Life()
  var proof = Proof.searchable(after: .milliseconds(1200))

  func prove(_ cluster: ClusterName, _ endpoints: ClusterEndpoints) async -> Proof {
    if life.isOver { return .stopped }
    life.count()
    return life.isOver ? .stopped : proof
  }
}

/// A topic of one partition with its committed offset: what outlives a process.
final class MemoryTopic: Sendable {
  static let partition = TopicPartition("barito_provisioning_requests", 0)

  private let state: Mutex<(records: [ProvisioningRequest?], committed: Int64, stores: [Int64])>

  /// - Parameter requests: nil stands for a record that cannot be read.
  init(_ requests: [ProvisioningRequest?]) { state = Mutex((requests, 0, [])) }

  var committed: Int64 { state.withLock { $0.committed } }
  var stores: [Int64] { state.withLock { $0.stores } }
  var isDone: Bool { state.withLock { $0.committed == Int64($0.records.count) } }

  func append(_ request: ProvisioningRequest) { state.withLock { $0.records.append(request) } }

  func commit(_ offset: Int64) {
    state.withLock { state in
      state.committed = offset
      state.stores.append(offset)
    }
  }

  func read(from offset: Int64, _ maximum: Int) -> Arrivals {
    state.withLock { state in
      var arrivals = Arrivals(assignment: [MemoryTopic.partition])
      for (index, record) in state.records.enumerated().dropFirst(Int(offset)).prefix(maximum) {
        if let record {
          arrivals.requests.append(
            QueuedRequest(request: record, partition: MemoryTopic.partition, offset: Int64(index)))
        } else {
          arrivals.unreadable.append(.init(partition: MemoryTopic.partition, offset: Int64(index), reason: "no JSON"))
        }
      }
      return arrivals
    }
  }
}

/// One process's consumer of the topic. Ends the worker when all is done.
final class MemorySource: RequestSource {
  private let topic: MemoryTopic
  private let life: Life
  private let position: Mutex<Int64>
  private let endsWhenDone: Bool

  init(_ topic: MemoryTopic, life: Life = Life(), endsWhenDone: Bool = true) {
    self.topic = topic
    self.life = life
    self.endsWhenDone = endsWhenDone
    position = Mutex(topic.committed)
  }

  func next(maximum: Int) async throws -> Arrivals {
    if life.isOver { throw Life.Killed() }
    if endsWhenDone, topic.isDone { GracefulShutdown.current.request() }
    try await Task.sleep(for: .milliseconds(1))
    return position.withLock { position in
      let arrivals = topic.read(from: position, maximum)
      position += Int64(arrivals.requests.count + arrivals.unreadable.count)
      return arrivals
    }
  }

  func store(_ offsets: [TopicPartition: Int64]) async throws {
    if life.isOver { throw Life.Killed() }
    for offset in offsets.values { topic.commit(offset) }
    life.count()
  }

  func close() async {}
}

/// A clock that goes on only when somebody pauses.
final class VirtualTime: Sendable {
  private let nanoseconds = Mutex<UInt64>(1_000_000_000)

  var clock: ServiceClock {
    ServiceClock(
      wall: { [self] in 1_790_000_000_000 + Int64(nanoseconds.withLock { $0 } / 1_000_000) },
      monotonic: { [self] in nanoseconds.withLock { $0 } })
  }

  func advance(_ duration: Duration) {
    nanoseconds.withLock { $0 += UInt64(max(0, duration / .nanoseconds(1))) }
  }
}

/// A Provisioner in this process, before a simulator that moves one tick with every pause.
struct Bench: Sendable {
  let simulator: PathfinderSimulator
  let url: String
  let events = RecordedEvents()
  let time = VirtualTime()
  var limits = ProvisioningRun.Limits(componentTimeout: .seconds(100))
  var proof = Proof.searchable(after: .milliseconds(1200))
  var timeout: Duration = .seconds(20)

  var driver: PathfinderDriver {
    PathfinderDriver(
      PathfinderClient(url: url, token: "pathfinder-token", cluster: "barito", clients: 4, timeout: timeout),
      pathfinderSettings)
  }

  func runner(_ life: Life = Life(), metrics: MetricsRegistry = MetricsRegistry()) -> RequestRunner {
    RequestRunner(
      driver: MortalDriver(driver: driver, life: life), events: MortalEventLog(events: events, life: life),
      prover: MortalProver(life: life, proof: proof), limits: limits, pollInterval: .seconds(5),
      metrics: ProvisionerMetrics(metrics), clock: time.clock, logger: .silent,
      pause: { [simulator, time] duration in
        if life.isOver || GracefulShutdown.current.isRequested { return false }
        simulator.tick()
        time.advance(duration)
        await Task.yield()
        return true
      })
  }

  /// One process's life, until all of the topic is done or it is killed.
  func live(_ topic: MemoryTopic, _ life: Life = Life(), concurrent: Int = 4) async throws {
    let metrics = MetricsRegistry()
    let worker = ProvisioningWorker(
      source: MemorySource(topic, life: life), runner: runner(life, metrics: metrics), concurrent: concurrent,
      metrics: ProvisionerMetrics(MetricsRegistry()), logger: .silent)
    try await GracefulShutdown.$current.withValue(GracefulShutdown()) { try await worker.run() }
  }

  static func with(_ body: (Bench) async throws -> Void) async throws {
    let simulator = PathfinderSimulator()
    let bench = Bench(simulator: simulator, url: try simulator.start())
    do {
      try await body(bench)
    } catch {
      await simulator.stop()
      throw error
    }
    await simulator.stop()
  }
}

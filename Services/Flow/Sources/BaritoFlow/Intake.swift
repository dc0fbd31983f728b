import BaritoCore
import BaritoService
import Kafka
import Logging

/// The reading end of Flow: the only one that talks to the consumer. It takes batches, and stores offsets when they are
/// finished.
///
/// It decides nothing itself: `BatchLedger` says which offsets may be stored, `FairTurns` who is read, `ParkedLanes` who
/// waits for an index of its own, `BulkSender` how many batches may be under way.
struct Intake: Sendable {
  let consumer: KafkaConsumer
  let topics: TopicList
  let limits: BatchLimits
  let sender: BulkSender
  let shares: TopicShares
  let election: Election
  let metrics: FlowMetrics
  let clock: ServiceClock
  let logger: Logger

  private var subscribed: TopicList.Version?
  private var underWay: [BatchLedger.BatchNumber: BatchUnderWay] = [:]
  private var ledger = BatchLedger()
  private var lanes: ParkedLanes
  private var turns: FairTurns
  /// What may be stored and was not yet.
  private var storable: [TopicPartition: Int64] = [:]
  private var lastNumber = 0
  private var nextTurn: UInt64 = 0
  private var nextCommit: UInt64 = 0
  /// Reads in a row that gave less than they might have.
  private var shortReads = 0

  /// Bytes of a record, on average.
  private var recordBytes = 200

  /// Between two commits while batches are under way, in nanoseconds.
  private static let commitInterval: UInt64 = 1_000_000_000
  /// Between two looks at who is behind, in nanoseconds.
  private static let turnInterval: UInt64 = 250_000_000
  /// A topic with more records than this to read is behind, where there is more to read than can be taken.
  private static let behind: Int64 = 100
  /// What a partition may bring at once, inflated, in bytes.
  private static let partitionBytes = 1 << 20
  /// A line that the server fails over for longer than this, in nanoseconds, does not hold its lane up any more. It is long
  /// enough for a node or a gateway that is ill to be noticed and mended.
  private static let overdueAge: UInt64 = 900_000_000_000
  /// The Flow that reads this does what only one of its group should do.
  private static let electing = TopicPartition(PlatformTopic.newTopicEvents, 0)

  /// - Parameters:
  ///   - backoff: between two attempts to write into an index that takes no documents.
  init(
    consumer: KafkaConsumer, topics: TopicList, limits: BatchLimits, sender: BulkSender,
    backoff: Backoff, shares: TopicShares, election: Election, metrics: FlowMetrics, clock: ServiceClock, logger: Logger
  ) {
    self.consumer = consumer
    self.topics = topics
    self.limits = limits
    self.sender = sender
    self.shares = shares
    self.election = election
    self.metrics = metrics
    self.clock = clock
    self.logger = logger
    lanes = ParkedLanes(backoff: backoff)
    // Topics that are behind may bring twice what is read ahead: with less, all that they have may be read ahead, and then
    // the client asks the broker for more of them, and hears nothing before its question is half a second old, whoever's
    // turn has begun meanwhile.
    turns = FairTurns(quantum: max(1, limits.bytes / 2), room: 2 * consumer.readAhead)
  }

  var isBusy: Bool { !underWay.isEmpty }
  var hasRoom: Bool { underWay.count < sender.concurrency }

  /// Takes the next batch, which is under way from now on; nil if nothing came soon. While others are under way it does
  /// not wait for long, so that what they finish is stored.
  mutating func read() async throws(KafkaError) -> BatchUnderWay? {
    if topics.version != subscribed {
      let wanted = topics.current
      try await consumer.subscribe(wanted.topics)
      subscribed = wanted.version
    }
    try await rewind()
    let batch = try await consumer.nextBatch(
      maxRecords: limits.count, maxBytes: limits.bytes, wait: .milliseconds(isBusy ? 50 : 500), linger: limits.age)
    // Before the batch counts: it may hold records of partitions that went and came back.
    await noteRevoked()
    election.isElected = await consumer.isAssigned(Intake.electing)
    let next = batch.isEmpty ? nil : begin(batch)
    // The batch is under way already: nothing that fails here may lose it.
    do throws(KafkaError) {
      try await takeTurns(batch)
    } catch {
      logger.warning("who is behind is not known for now", ["reason": error.detail])
    }
    return next
  }

  private mutating func begin(_ batch: RecordBatch) -> BatchUnderWay {
    metrics.received(batch, now: clock.wallMilliseconds)
    lastNumber += 1
    let next = BatchUnderWay(
      lastNumber, batch,
      overdue: lanes.overdue(
        batch.nextOffsets.keys, age: Intake.overdueAge, now: clock.monotonicNanoseconds))
    ledger.began(next.number, batch.nextOffsets)
    underWay[next.number] = next
    metrics.underWay(underWay.count)
    return next
  }

  /// Takes in what became of batches.
  mutating func settle(_ outcomes: [BatchOutcome]) async throws(KafkaError) {
    guard !outcomes.isEmpty || !storable.isEmpty else { return }
    // A read that failed may not have said so yet.
    await noteRevoked()
    var stops: [TopicPartition: BatchOutcome.Stop] = [:]
    var moved: Set<TopicPartition> = []
    for outcome in outcomes {
      underWay[outcome.number] = nil
      // Broken off by a stop: its records come again.
      guard outcome.isFinished else { continue }
      let ended = ledger.ended(outcome.number, outcome.partitions, stops: outcome.stops.mapValues { $0.offset })
      storable.merge(ended) { $1 }
      moved.formUnion(ended.keys)
      // What was taken away meanwhile is somebody else's to park.
      stops.merge(outcome.stops.filter { ledger.stop(of: $0.key) != nil }) { $0.offset <= $1.offset ? $0 : $1 }
    }
    // A batch behind the one that a lane waits for says nothing of it.
    for partition in lanes.settled(moved.filter { ledger.stop(of: $0) == nil }) {
      logger.notice("a lane goes on", ["partition": "\(partition)"])
    }
    metrics.underWay(underWay.count)
    try await park(stops)
    metrics.parked(lanes.counts)
    guard !storable.isEmpty else { return }
    try await consumer.store(storable)
    storable = [:]
    let now = clock.monotonicNanoseconds
    guard !isBusy || now >= nextCommit else { return }
    nextCommit = now + Intake.commitInterval
    try await consumer.commitSoon()
  }

  /// Stays in the group while nothing can be taken.
  mutating func stay() async throws(KafkaError) {
    _ = try await consumer.keepAlive()
    await noteRevoked()
  }

  /// Leaves the group, which commits what was stored.
  func leave() async {
    if await consumer.close(within: .seconds(10)) == false {
      logger.warning("the consumer did not leave its group in time")
    }
    metrics.parked([:])
    metrics.resting(0)
  }

  private mutating func noteRevoked() async {
    let revoked = await consumer.takeRevoked()
    guard !revoked.isEmpty else { return }
    ledger.forget(revoked)
    lanes.forget(revoked)
    for partition in revoked { storable[partition] = nil }
    for batch in underWay.values { batch.revoke(revoked) }
    metrics.parked(lanes.counts)
  }

  /// Stops reading partitions whose index takes nothing for now.
  private mutating func park(_ stops: [TopicPartition: BatchOutcome.Stop]) async throws(KafkaError) {
    guard !stops.isEmpty else { return }
    for (partition, stop) in stops
    where lanes.park(partition, for: stop.cause, at: stop.offset, now: clock.monotonicNanoseconds) {
      logger.warning(
        "a lane is parked: its index does not take documents",
        ["partition": "\(partition)", "cause": stop.cause.rawValue, "reason": stop.reason])
    }
    try await consumer.suspend(Set(stops.keys))
  }

  /// Reads parked partitions again whose time has come, from their first record that is not finished.
  private mutating func rewind() async throws(KafkaError) {
    let ledger = ledger
    let due = lanes.due(now: clock.monotonicNanoseconds) { !ledger.isUnderWay($0) }
    guard !due.isEmpty else { return }
    var stops: [TopicPartition: Int64] = [:]
    for partition in due { stops[partition] = ledger.stop(of: partition) }
    do throws(KafkaError) {
      try await consumer.rewind(stops)
    } catch {
      // Read from anywhere else they would be passed over.
      lanes.parkAgain(stops, now: clock.monotonicNanoseconds)
      try await consumer.suspend(Set(due))
      throw error
    }
    self.ledger.forget(due)
  }

  /// Looks who is behind, where there is more to read than can be taken: at those whose turn it is after each batch, at
  /// all of them now and then.
  private mutating func takeTurns(_ batch: RecordBatch) async throws(KafkaError) {
    let isFull = batch.count >= limits.count || batch.byteCount >= limits.bytes
    shortReads = isFull ? 0 : shortReads + 1
    for (partition, bytes) in batch.partitionBytes { turns.took(bytes, of: partition.topic) }
    if !batch.isEmpty { recordBytes = (recordBytes * 7 + batch.byteCount / batch.count) / 8 }
    guard isFull || !turns.resting.isEmpty else { return }
    if clock.monotonicNanoseconds >= nextTurn {
      nextTurn = clock.monotonicNanoseconds + Intake.turnInterval
      // A fetch may be on its way: one short read alone says nothing.
      turns.update(behind: needs(of: try await consumer.lag()), isStarved: shortReads > 2)
    } else {
      let needs = needs(of: try await consumer.lag(of: turns.seated))
      turns.caughtUp(turns.seated.filter { needs[$0] == nil })
    }
    metrics.resting(turns.resting.count)
    try await consumer.hold(turns.resting)
  }

  /// Who of these is behind, by their records that were not read yet.
  private func needs(of lag: [TopicPartition: Int64]) -> [String: FairTurns.Need] {
    var records: [String: Int64] = [:]
    var bytes: [String: Int] = [:]
    // A parked partition brings nothing, however far it is behind.
    let parked = lanes.waiting
    for (partition, lag) in lag where !parked.contains(partition) {
      records[partition.topic, default: 0] += lag
      bytes[partition.topic, default: 0] += min(Int(clamping: lag) * recordBytes, Intake.partitionBytes)
    }
    let behind = records.filter { $0.value > Intake.behind }.keys
    return shares.weights(of: behind).reduce(into: [:]) { needs, topic in
      needs[topic.key] = FairTurns.Need(weight: topic.value, bytes: bytes[topic.key] ?? 0)
    }
  }
}

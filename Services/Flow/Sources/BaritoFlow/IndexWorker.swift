import BaritoCore
import BaritoService
import Curl
import Kafka
import Lifecycle
import Logging

/// Moves records from Kafka to Elasticsearch: a batch, its documents, then its offsets. One batch at a time, so that a
/// rebalance never meets records in flight.
///
/// A partition whose own index takes no documents is parked: it is not read for a while, then again from its first
/// record that is not finished. Nobody else waits for it, and nothing of it is kept in memory.
struct IndexWorker: Service {
  let consumer: KafkaConsumer
  let topics: TopicList
  let elasticsearch: ElasticsearchClient
  let naming: TopicNaming
  let limits: BatchLimits
  let backoff: Backoff
  let usage: TopicUsage
  let metrics: FlowMetrics
  let clock: ServiceClock
  /// Which of the workers it is, from 1.
  let worker: Int
  let logger: Logger
  /// Nil redacts nothing.
  var redaction: TopicRedaction?

  /// How long a stop waits for the answer to a request that is on its way.
  static let lastAnswer: Duration = .seconds(10)

  func run() async throws {
    var subscribed: TopicList.Version?
    var reading = Trouble(began: "records cannot be read from Kafka for now", ended: "records are read again")
    var lanes = ParkedLanes(backoff: backoff)
    defer { metrics.parked(worker, 0) }
    await redaction?.awaitProfiles()
    while !GracefulShutdown.current.isRequested {
      do throws(KafkaError) {
        let wanted = topics.current
        if wanted.version != subscribed {
          try await consumer.subscribe(wanted.topics)
          subscribed = wanted.version
        }
        try await consumer.rewind(lanes.due(now: clock.monotonicNanoseconds))
        let batch = try await consumer.nextBatch(
          maxRecords: limits.count, maxBytes: limits.bytes, wait: .milliseconds(500))
        reading.ended(logger)
        if batch.isEmpty { continue }
        metrics.received(batch, now: clock.wallMilliseconds)
        guard let settlement = try await settle(batch) else { break }
        try await consumer.store(settlement.nextOffsets)
        try await park(settlement, &lanes)
      } catch {
        // Only a consumer that is of no more use ends the service; one topic that may not be read holds nobody else.
        if error.disposition == .fatal { throw error }
        reading.began(error.detail, logger)
        await sleepUntilGracefulShutdown(.seconds(1))
      }
    }
    // Leaving the group commits what was stored.
    if await consumer.close(within: .seconds(10)) == false {
      logger.warning("the consumer did not leave its group in time")
    }
  }

  /// Sends until every record is finished, for as long as it takes.
  /// - Returns: nil when the service stops before: then the records come again.
  private func settle(_ batch: RecordBatch) async throws(KafkaError) -> BatchSettlement? {
    let redactors = redaction?.redactors(of: batch.topics) ?? []
    var settlement = BatchSettlement(batch, naming: naming, redactors: redactors)
    if !redactors.isEmpty {
      metrics.redacted(settlement.redactions, redactors, of: batch.topics)
      redaction?.report(settlement.redactions, redactors, of: batch.topics)
    }
    // Also of a batch that is broken off: what is indexed now is a duplicate when it comes again.
    defer { count(settlement.tallies, of: batch.topics) }
    var trouble = Trouble(
      began: "records wait: Elasticsearch does not take them", ended: "Elasticsearch takes records again")
    while let request = settlement.next() {
      guard let answer = await send(request) else { return nil }
      guard let reason = settlement.take(answer) else {
        trouble.ended(logger)
        continue
      }
      metrics.retrying()
      trouble.began(reason, logger)
      if GracefulShutdown.current.isRequested { return nil }
      settlement.abandon(try await pause(backoff.delay(trouble.attempts - 1)))
    }
    trouble.ended(logger)
    return settlement
  }

  /// Stops reading the partitions whose index takes nothing for now.
  private func park(_ settlement: BatchSettlement, _ lanes: inout ParkedLanes) async throws(KafkaError) {
    lanes.keep(await consumer.assignment)
    for partition in lanes.settled(settlement.nextOffsets.keys.filter { settlement.parked[$0] == nil }) {
      logger.notice("a lane goes on", ["partition": "\(partition)"])
    }
    for (partition, lane) in settlement.parked {
      guard lanes.park(partition, at: lane.offset, now: clock.monotonicNanoseconds) else { continue }
      logger.warning(
        "a lane is parked: its index does not take documents", ["partition": "\(partition)", "reason": lane.reason])
    }
    if !settlement.parked.isEmpty { try await consumer.suspend(Set(settlement.parked.keys)) }
    metrics.parked(worker, lanes.count)
  }

  private func count(_ tallies: [BatchSettlement.Tally], of topics: [String]) {
    for (topic, tally) in zip(topics, tallies) {
      metrics.settled(tally)
      usage.settled(topic, tally)
    }
  }

  /// - Returns: nil when the service stops and Elasticsearch has not answered for too long: then nobody knows what became
  ///   of the items, and they come again.
  private func send(_ request: BulkRequest) async -> BulkAnswer? {
    let start = clock.monotonicNanoseconds
    defer { metrics.bulk(request, nanoseconds: clock.monotonicNanoseconds - start) }
    return await withTaskGroup(of: BulkAnswer?.self) { tasks in
      tasks.addTask {
        do throws(CurlError) {
          return BulkAnswer(try await elasticsearch.bulk(request.bytes), to: request)
        } catch {
          return .unknown(reason: error.detail)
        }
      }
      tasks.addTask {
        await GracefulShutdown.current.wait()
        try? await Task.sleep(for: IndexWorker.lastAnswer)
        return nil
      }
      defer { tasks.cancelAll() }
      return await tasks.next() ?? nil
    }
  }

  /// Waits, staying in the consumer group meanwhile.
  /// - Returns: the partitions that were taken away.
  private func pause(_ duration: Duration) async throws(KafkaError) -> Set<TopicPartition> {
    var left = duration
    while left > .zero, !GracefulShutdown.current.isRequested {
      await sleepUntilGracefulShutdown(min(left, .seconds(1)))
      left -= .seconds(1)
      let revoked = try await consumer.keepAlive()
      if !revoked.isEmpty { return revoked }
    }
    return try await consumer.keepAlive()
  }
}

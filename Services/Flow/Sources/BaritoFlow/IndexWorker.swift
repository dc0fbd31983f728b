import BaritoCore
import BaritoService
import Curl
import Kafka
import Lifecycle
import Logging

/// Moves records from Kafka to Elasticsearch: a batch, its documents, then its offsets. One batch at a time, so that a
/// rebalance never meets records in flight.
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
  let logger: Logger

  func run() async throws {
    var subscribed: TopicList.Version?
    while !GracefulShutdown.current.isRequested {
      let wanted = topics.current
      if wanted.version != subscribed {
        try await consumer.subscribe(wanted.topics)
        subscribed = wanted.version
      }
      let batch = try await consumer.nextBatch(
        maxRecords: limits.count, maxBytes: limits.bytes, wait: .milliseconds(500))
      if batch.isEmpty { continue }
      metrics.received(batch, now: clock.wallMilliseconds)
      guard let offsets = try await settle(batch) else { break }
      try await consumer.store(offsets)
    }
    // Leaving the group commits what was stored.
    if await consumer.close(within: .seconds(10)) == false {
      logger.warning("the consumer did not leave its group in time")
    }
  }

  /// Sends until every record is finished, for as long as it takes.
  /// - Returns: the offsets to store; nil when the service stops before: then the records come again.
  private func settle(_ batch: RecordBatch) async throws -> [TopicPartition: Int64]? {
    var settlement = BatchSettlement(batch, naming: naming)
    var trouble = Trouble()
    while let request = settlement.next() {
      let answer = await send(request)
      guard let reason = settlement.take(answer) else {
        trouble.ended(logger)
        continue
      }
      metrics.retrying()
      trouble.began(reason, logger)
      if GracefulShutdown.current.isRequested { return nil }
      settlement.abandon(try await pause(backoff.delay(trouble.attempts)))
    }
    trouble.ended(logger)
    for (topic, tally) in zip(batch.topics, settlement.tallies) {
      metrics.settled(tally)
      usage.settled(topic, tally)
    }
    return settlement.nextOffsets
  }

  private func send(_ request: BulkRequest) async -> BulkAnswer {
    let start = clock.monotonicNanoseconds
    defer { metrics.bulk(request, nanoseconds: clock.monotonicNanoseconds - start) }
    do throws(CurlError) {
      return BulkAnswer(try await elasticsearch.bulk(request.bytes), to: request)
    } catch {
      return .unknown(reason: error.detail)
    }
  }

  /// Waits, staying in the consumer group meanwhile.
  /// - Returns: the partitions that were taken away.
  private func pause(_ duration: Duration) async throws -> Set<TopicPartition> {
    var left = duration
    while left > .zero, !GracefulShutdown.current.isRequested {
      await sleepUntilGracefulShutdown(min(left, .seconds(1)))
      left -= .seconds(1)
      let revoked = try await consumer.keepAlive()
      if !revoked.isEmpty { return revoked }
    }
    return try await consumer.keepAlive()
  }

  /// A failure that repeats is logged when it begins, when it changes and when it ends.
  private struct Trouble {
    var attempts = 0
    private var reason: String?

    mutating func began(_ reason: String, _ logger: Logger) {
      if self.reason != reason { logger.warning("records wait: Elasticsearch does not take them", ["reason": reason]) }
      self.reason = reason
      attempts += 1
    }

    mutating func ended(_ logger: Logger) {
      guard reason != nil else { return }
      logger.notice("Elasticsearch takes records again", ["attempts": "\(attempts)"])
      self = Trouble()
    }
  }
}

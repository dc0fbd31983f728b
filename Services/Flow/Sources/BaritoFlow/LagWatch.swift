import BaritoCore
import BaritoService
import Kafka
import Lifecycle
import Logging

/// Tells how far the whole group is behind, by topic: what the brokers say, not what a worker believes. So it is right
/// after a rebalance, and of partitions that nobody reads.
///
/// Every Flow tells of every topic, so that there is an answer as long as one lives; a round is a handful of requests, and
/// a few records that are read to know their times.
struct LagWatch: Service {
  let kafka: KafkaConfiguration
  let group: String
  let naming: TopicNaming
  let metrics: LagMetrics
  let clock: ServiceClock
  let logger: Logger
  var interval: Duration = .seconds(10)

  /// Records that are read in one round to know their times.
  static let readsPerRound = 200
  static let readTime: Duration = .seconds(4)

  func run() async throws {
    let admin = try KafkaAdmin(kafka, logger: logger)
    let reader = try KafkaConsumer(readerKafka, logger: logger)
    var account = LagAccount()
    var trouble = Trouble(began: "the lag is not known for now", ended: "the lag is known again")
    while !GracefulShutdown.current.isRequested {
      do throws(KafkaError) {
        try await observe(admin, reader, &account)
        account.learn(try await times(account.wanted(LagWatch.readsPerRound), reader))
        trouble.ended()?.log(logger)
      } catch {
        if error.disposition == .fatal { throw error }
        trouble.began(error.detail)?.log(logger)
      }
      // Also where nobody answered: what waits gets older.
      metrics.set(account.lags(now: clock.wallMilliseconds))
      await sleepUntilGracefulShutdown(interval)
    }
    await reader.close(within: .seconds(5))
    await admin.close(within: .seconds(5))
  }

  private func observe(
    _ admin: KafkaAdmin, _ reader: KafkaConsumer, _ account: inout LagAccount
  ) async throws(KafkaError) {
    let partitions = try await admin.partitions().filter { naming.documentPrefix(ofTopic: $0.key.topic) != nil }
    // Who waits for one without a leader waits for ever; what is known of it stands.
    let led = partitions.filter(\.value).map(\.key)
    let ends = try await admin.ends(of: led)
    // Behind the ends, so that what is committed meanwhile makes no lag that is not there.
    let committed = led.isEmpty ? [:] : try await reader.committed(led)
    let beginnings = try await admin.beginnings(of: LagAccount.behind(ends, committed))
    account.observe(
      listed: Set(partitions.keys), ends: ends, committed: committed, beginnings: beginnings,
      now: clock.wallMilliseconds)
  }

  /// Reads the first record of each partition from an offset on, as far as they come in time.
  private func times(
    _ wanted: [TopicPartition: Int64], _ reader: KafkaConsumer
  ) async throws(KafkaError) -> [TopicPartition: (offset: Int64, time: Int64)] {
    var found: [TopicPartition: (offset: Int64, time: Int64)] = [:]
    if wanted.isEmpty { return found }
    try await reader.assign(wanted.mapValues { .offset($0) })
    let deadline = ContinuousClock.now + LagWatch.readTime
    while found.count < wanted.count, ContinuousClock.now < deadline, !GracefulShutdown.current.isRequested {
      let batch = try await reader.nextBatch(maxBytes: 1 << 20, wait: .milliseconds(500))
      var new: Set<TopicPartition> = []
      for record in batch.records {
        let place = batch.topicPartition(of: record)
        guard found[place] == nil else { continue }
        found[place] = (record.offset, record.timestamp)
        new.insert(place)
      }
      try await reader.pause(new)
    }
    try await reader.assign([:])
    return found
  }

  /// Knows the group and is no member, as it never subscribes; it stores nothing. Fetches as little ahead as can be: one
  /// record of each partition is enough.
  private var readerKafka: KafkaConfiguration {
    var reader = kafka
    reader.clientID = "barito-flow-lag"
    reader.consumer.group = group
    reader.consumer.autoOffsetReset = .earliest
    reader.consumer.queuedKilobytes = 1024
    reader.properties = [
      "queued.min.messages": "1", "fetch.message.max.bytes": "\(256 << 10)", "fetch.max.bytes": "\(4 << 20)",
    ].merging(kafka.properties) { _, given in given }
    return reader
  }
}

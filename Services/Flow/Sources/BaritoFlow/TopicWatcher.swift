import BaritoCore
import Kafka
import Lifecycle
import Logging

/// Finds the topics of apps: those that are there by listing, new ones by the events of the Router, and what was missed by
/// listing again.
struct TopicWatcher: Service {
  let configuration: KafkaConfiguration
  let topics: TopicList
  let logger: Logger

  static let listingInterval: Duration = .seconds(30)

  func run() async throws {
    let admin = try KafkaAdmin(configuration, logger: logger)
    let events = try KafkaConsumer(configuration, logger: logger)
    var nextListing = ContinuousClock.now
    var isListening = false
    var trouble: String?
    while !GracefulShutdown.current.isRequested {
      do throws(KafkaError) {
        if !isListening {
          try await listen(events, admin)
          isListening = true
        }
        if ContinuousClock.now >= nextListing {
          let (new, gone) = topics.list(try await admin.topics().keys)
          note(new, by: "listing")
          if !gone.isEmpty { logger.info("topics are gone", ["topics": gone.joined(separator: ",")]) }
          nextListing = .now + TopicWatcher.listingInterval
        }
        let batch = try await events.nextBatch(wait: .milliseconds(500))
        note(topics.add(batch.records.map { String(decoding: batch.bytes[$0.value], as: UTF8.self) }), by: "event")
        if trouble != nil { logger.notice("topics are watched again") }
        trouble = nil
      } catch {
        if trouble != error.detail { logger.warning("topics cannot be watched for now", ["error": error.detail]) }
        trouble = error.detail
        if error.disposition == .fatal { throw error }
        await sleepUntilGracefulShutdown(.seconds(2))
      }
    }
    _ = await events.close(within: .seconds(5))
    await admin.close(within: .seconds(5))
  }

  /// Reads new events only, in no group: every Flow sees every event. The topic is made where there is none, so that
  /// there is something to read before the first app comes.
  private func listen(_ events: KafkaConsumer, _ admin: KafkaAdmin) async throws(KafkaError) {
    let topic = PlatformTopic.newTopicEvents
    var partitions = try await admin.partitionCount(of: topic)
    if partitions == nil {
      _ = try await admin.createTopic(topic, partitions: 1)
      partitions = try await admin.partitionCount(of: topic)
    }
    var starts: [TopicPartition: StartOffset] = [:]
    for partition in 0..<(partitions ?? 1) { starts[TopicPartition(topic, Int32(partition))] = .end }
    try await events.assign(starts)
  }

  private func note(_ new: [String], by source: String) {
    guard !new.isEmpty else { return }
    logger.info("reading new topics", ["topics": new.joined(separator: ","), "found_by": source])
  }
}

import BaritoCore
import Kafka
import Lifecycle
import Logging

/// Finds the topics of apps: those that are there by listing, new ones by the events of the Router, and what was missed by
/// listing again.
struct TopicWatcher: Service {
  let configuration: KafkaConfiguration
  let naming: TopicNaming
  let topics: TopicList
  let logger: Logger

  static let listingInterval: Duration = .seconds(30)

  func run() async throws {
    let admin = try KafkaAdmin(configuration, logger: logger)
    let events = try KafkaConsumer(configuration, logger: logger)
    var nextListing = ContinuousClock.now
    var isListening = false
    while !GracefulShutdown.current.isRequested {
      do throws(KafkaError) {
        if !isListening {
          try await listen(events, admin)
          isListening = true
        }
        if ContinuousClock.now >= nextListing {
          note(try await admin.topics().keys, by: "listing")
          nextListing = .now + TopicWatcher.listingInterval
        }
        let batch = try await events.nextBatch(wait: .milliseconds(500))
        note(batch.records.map { String(decoding: batch.bytes[$0.value], as: UTF8.self) }, by: "event")
      } catch {
        logger.warning("topics cannot be watched for now", ["error": error.detail])
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
    _ = try await admin.createTopic(topic, partitions: 1)
    let partitions = try await admin.partitionCount(of: topic) ?? 1
    var starts: [TopicPartition: StartOffset] = [:]
    for partition in 0..<partitions { starts[TopicPartition(topic, Int32(partition))] = .end }
    try await events.assign(starts)
  }

  private func note(_ names: some Sequence<String>, by source: String) {
    let new = topics.add(names.filter { naming.indexPrefix(ofTopic: $0) != nil })
    guard !new.isEmpty else { return }
    logger.info("reading new topics", ["topics": new.sorted().joined(separator: ","), "found_by": source])
  }
}

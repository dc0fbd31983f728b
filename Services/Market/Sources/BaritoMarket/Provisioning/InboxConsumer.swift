internal import BaritoCore
internal import Kafka
internal import Lifecycle
internal import Logging

/// Reads the topics that are meant for Market, as one of the group of all Markets.
struct InboxConsumer: Service {
  let inbox: Inbox
  let kafka: KafkaConfiguration
  let logger: Logger
  var backoff = Backoff(base: .milliseconds(100), cap: .seconds(5))

  static let topics = [PlatformTopic.provisioningEvents, PlatformTopic.usage]

  func run() async throws {
    while !GracefulShutdown.current.isRequested {
      let consumer = try KafkaConsumer(kafka, logger: logger)
      do {
        try await consumer.subscribe(InboxConsumer.topics)
        try await consume(consumer)
      } catch {
        logger.warning("Market's topics cannot be read for now", ["error": "\(error)"])
      }
      _ = await consumer.close(within: .seconds(5))
      await sleepUntilGracefulShutdown(.seconds(1))
    }
  }

  private func consume(_ consumer: KafkaConsumer) async throws {
    while !GracefulShutdown.current.isRequested {
      let batch = try await consumer.nextBatch(wait: .milliseconds(500))
      guard !batch.isEmpty else { continue }
      guard try await settle(InboxRecord.all(of: batch), consumer) else { continue }
      try await consumer.store(batch.nextOffsets)
    }
  }

  /// Applies a batch, again and again while the database is away.
  /// - Returns: false when the service ends or the records were given to another Market meanwhile.
  private func settle(_ records: [InboxRecord], _ consumer: KafkaConsumer) async throws -> Bool {
    var failures = 0
    while true {
      do {
        try await inbox.apply(records)
        if failures > 0 { logger.notice("records are applied again", ["failures": "\(failures)"]) }
        return true
      } catch {
        if failures == 0 { logger.warning("records cannot be applied for now", ["error": "\(error)"]) }
        await sleepUntilGracefulShutdown(backoff.delay(failures))
        failures += 1
        let revoked = try await consumer.keepAlive()
        let mine = records.contains { !revoked.contains(TopicPartition($0.topic, $0.partition)) }
        if GracefulShutdown.current.isRequested || !mine { return false }
      }
    }
  }
}

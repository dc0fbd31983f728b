internal import BaritoCore
internal import Kafka
internal import Lifecycle
internal import Logging

/// Sends to Kafka what committed transactions left in the outbox. Any number of Markets do so side by side.
///
/// A message is marked as sent in the transaction that holds it, after all replicas have it. A crash between the two
/// sends it again: requests have an id, and the Provisioner does each once.
struct OutboxRelay: Service {
  let database: Database
  let kafka: KafkaConfiguration
  let changes: ChangeSignal
  let metrics: MarketMetrics
  let logger: Logger
  var backoff = Backoff(base: .milliseconds(200), cap: .seconds(10))

  /// How often to look when nothing is announced.
  private static let lookInterval = Duration.seconds(30)
  private static let batch = 50

  func run() async throws {
    var producer = try KafkaProducer(kafka, logger: logger)
    var failures = 0
    while !GracefulShutdown.current.isRequested {
      let generation = changes.generation
      do {
        let sent = try await relay(producer)
        if failures > 0 { logger.notice("the outbox is sent again", ["failures": "\(failures)"]) }
        failures = 0
        if sent == 0 { await pause(since: generation) }
      } catch {
        if failures == 0 { logger.warning("the outbox cannot be sent for now", ["error": "\(error)"]) }
        metrics.outboxFailed()
        if producer.isFatal {
          await producer.close(within: .seconds(1))
          producer = try KafkaProducer(kafka, logger: logger)
        }
        await sleepUntilGracefulShutdown(backoff.delay(failures))
        failures += 1
      }
    }
    await producer.close(within: .seconds(5))
  }

  /// Sends what waits, oldest first, until there is nothing or something fails.
  /// - Returns: how many messages were sent.
  func relay(_ producer: KafkaProducer) async throws -> Int {
    let (sent, failure) = try await database.transaction { transaction -> (Int, (any Error)?) in
      let outbox = OutboxStore(transaction)
      var sent: [Int64] = []
      var failure: (any Error)?
      for message in try await outbox.lockWaiting(limit: OutboxRelay.batch) {
        do {
          try await producer.send(Array(message.value.utf8), key: Array(message.key.utf8), to: message.topic)
          sent.append(message.id)
        } catch {
          failure = error
          break
        }
      }
      // What is in Kafka is marked even when the next one failed.
      if !sent.isEmpty { try await outbox.markSent(sent) }
      return (sent.count, failure)
    }
    metrics.outboxSent(sent)
    if let failure { throw failure }
    return sent
  }

  private func pause(since generation: Int) async {
    try? await cancelWhenGracefulShutdown { [changes] in
      await changes.wait(since: generation, timeout: OutboxRelay.lookInterval)
    }
  }
}

import BaritoCore
import Kafka
import Lifecycle
import Logging

/// Where events go. An event is safe when this returns.
protocol EventLog: Sendable {
  /// - Throws: `CancellationError` when the service stops before the event is safe.
  func append(_ event: ProvisioningEvent) async throws
}

/// Events in Kafka, keyed by cluster so that those of one group keep their order; acknowledged by all replicas.
struct KafkaEventLog: EventLog {
  let producer: KafkaProducer
  let metrics: ProvisionerMetrics
  let logger: Logger
  private let backoff = Backoff(base: .milliseconds(200), cap: .seconds(10))

  init(producer: KafkaProducer, metrics: ProvisionerMetrics, logger: Logger) {
    self.producer = producer
    self.metrics = metrics
    self.logger = logger
  }

  /// Tries until Kafka has it: nothing goes on before.
  func append(_ event: ProvisioningEvent) async throws {
    let value = try WireJSON.encode(event)
    let key = Array(event.clusterName.rawValue.utf8)
    var attempt = 0
    while true {
      do throws(KafkaError) {
        try await producer.send(value, key: key, to: PlatformTopic.provisioningEvents)
        metrics.reported(event.status)
        if attempt > 0 { logger.notice("events reach Kafka again", ["attempts": "\(attempt)"]) }
        return
      } catch {
        guard error.disposition == .retry else { throw error }
        if attempt == 0 { logger.warning("an event waits for Kafka", ["error": "\(error)"]) }
      }
      guard await sleepUntilGracefulShutdown(backoff.ceiling(attempt) / 2 + backoff.delay(attempt) / 2) else {
        throw CancellationError()
      }
      attempt += 1
    }
  }
}

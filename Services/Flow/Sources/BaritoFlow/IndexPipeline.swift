import BaritoCore
import BaritoService
import Kafka
import Lifecycle
import Logging

/// Moves records from Kafka to Elasticsearch: reads a batch, has it delivered beside others, stores what is finished.
struct IndexPipeline: Service {
  let intake: Intake
  let delivery: BatchDelivery

  /// While nothing can be taken, the group hears of us this often.
  static let patience: Duration = .seconds(1)

  func run() async throws {
    let finished = FinishedBatches()
    let delivery = delivery
    let logger = intake.logger
    var intake = intake
    var reading = Trouble(began: "records cannot be read from Kafka for now", ended: "records are read again")
    await delivery.redaction?.awaitProfiles()
    try await withThrowingDiscardingTaskGroup { deliveries in
      while !GracefulShutdown.current.isRequested {
        do throws(KafkaError) {
          try await intake.settle(finished.take())
          if intake.hasRoom {
            if let batch = try await intake.read() {
              deliveries.addTask { finished.put(await delivery.deliver(batch)) }
            }
          } else if await !finished.wait(atMost: IndexPipeline.patience) {
            try await intake.stay()
          }
          reading.ended()?.log(logger)
        } catch {
          // Only a consumer that is of no more use ends the service; one topic that may not be read holds nobody else.
          if error.disposition == .fatal { throw error }
          reading.began(error.detail)?.log(logger)
          await sleepUntilGracefulShutdown(.seconds(1))
        }
      }
      // What is under way ends by itself soon, finished or not.
      while intake.isBusy {
        await finished.wait(atMost: IndexPipeline.patience)
        try await intake.settle(finished.take())
      }
    }
    await intake.leave()
  }
}

extension IndexPipeline {
  init(
    _ configuration: FlowConfiguration, _ context: ServiceContext, topics: TopicList,
    elasticsearch: ElasticsearchClient, usage: TopicUsage, redaction: TopicRedaction, metrics: FlowMetrics,
    election: Election
  ) throws(KafkaError) {
    let firewall = MappingFirewall(
      elasticsearch: elasticsearch, naming: configuration.naming, metrics: metrics.mapping, logger: context.logger,
      now: { context.clock.monotonicNanoseconds })
    let backoff = Backoff(base: .milliseconds(200), cap: .seconds(10))
    let sender = BulkSender(
      firewall, concurrency: configuration.concurrency, slow: configuration.slow, metrics: metrics,
      clock: context.clock, logger: context.logger)
    delivery = BatchDelivery(
      sender: sender, naming: configuration.naming, backoff: backoff, usage: usage, redaction: redaction,
      metrics: metrics)
    intake = Intake(
      consumer: try KafkaConsumer(configuration.readerKafka, logger: context.logger), topics: topics,
      limits: configuration.limits, sender: sender, backoff: backoff,
      shares: TopicShares(profiles: usage.profiles), election: election, metrics: metrics, clock: context.clock,
      logger: context.logger)
  }
}

import BaritoCore
import BaritoService
import Kafka
import Lifecycle
import Logging
import Settings

/// Flow: moves records from Kafka to Elasticsearch. What it is made of, dependencies first.
public enum FlowService {
  static let program = Program(
    "barito-flow", "Moves the lines of apps from Kafka to Elasticsearch.", settings: FlowConfiguration.settings)

  static let adminPort = 9082

  public static func main() async {
    await ServiceMain.run(program, adminPort: adminPort, configure: FlowConfiguration.init, build: build)
  }

  static func build(
    _ configuration: FlowConfiguration, _ context: ServiceContext
  ) async throws -> [ServiceGroup.Member] {
    let profiles = ProfileFeed(
      market: MarketClient(url: configuration.marketURL, token: configuration.serviceToken, clients: 1),
      snapshotPath: configuration.snapshotPath, logger: context.logger)
    await profiles.restore()
    // Until it is known what is to be redacted, no record is read.
    context.readiness.add("profiles") { profiles.unreadyReason }
    let usage = UsageCounter(now: context.clock.wallMilliseconds)
    let elasticsearch = ElasticsearchClient(
      url: configuration.elasticsearchURL, authorization: configuration.elasticsearchAuthorization,
      clients: configuration.workers + 1, timeout: configuration.elasticsearchTimeout)
    let topics = TopicList(always: [PlatformTopic.newTopicEvents], naming: configuration.naming)
    let redaction = TopicRedaction(profiles: profiles, logger: context.logger)
    let metrics = FlowMetrics(context.metrics) { redaction.off }
    var members: [ServiceGroup.Member] = [
      .init("profiles", profiles),
      .init("usage", try reporter(configuration, context, usage, profiles)),
      .init(
        "templates",
        IndexTemplates(
          elasticsearch: elasticsearch, naming: configuration.naming, shards: configuration.shards,
          replicas: configuration.replicas, logger: context.logger)),
      .init(
        "topics",
        TopicWatcher(
          configuration: configuration.watcherKafka, topics: topics, logger: context.logger)),
    ]
    for number in 1...configuration.workers {
      let worker = IndexWorker(
        consumer: try KafkaConsumer(configuration.workerKafka, logger: context.logger), topics: topics,
        elasticsearch: elasticsearch, naming: configuration.naming, limits: configuration.limits,
        backoff: Backoff(base: .milliseconds(200), cap: .seconds(10)),
        usage: TopicUsage(profiles: profiles, usage: usage), metrics: metrics, clock: context.clock,
        worker: number, logger: context.logger.with(["worker": "\(number)"]), redaction: redaction)
      members.append(.init("worker-\(number)", worker))
    }
    return members
  }

  private static func reporter(
    _ configuration: FlowConfiguration, _ context: ServiceContext, _ usage: UsageCounter, _ profiles: ProfileFeed
  ) throws -> UsageReporter {
    var kafka = KafkaConfiguration(
      brokers: configuration.platformBrokers, clientID: "barito-flow-usage", properties: configuration.kafka.properties)
    // Two reports must fit into a stop.
    kafka.producer.messageTimeout = .seconds(4)
    return UsageReporter(
      service: "flow", instance: context.instance, usage: usage, profiles: profiles,
      producer: try KafkaProducer(kafka, logger: context.logger), clock: context.clock, logger: context.logger)
  }
}

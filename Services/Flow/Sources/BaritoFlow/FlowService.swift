import BaritoCore
import BaritoService
import Kafka
import Lifecycle
import Logging
import Settings

/// Flow: moves records from Kafka to Elasticsearch. What it is made of, dependencies first.
public enum FlowService {
  static let program = Program(
    "barito-flow", "Moves the lines of apps from Kafka to Elasticsearch.", settings: FlowConfiguration.settings,
    commands: [QuarantineCommand.command, RetentionCommand.program])

  static let adminPort = 9082

  public static func main() async {
    ProcessMemory.keepBuffers()
    let arguments = Array(CommandLine.arguments.dropFirst())
    // It needs less than the service does; behind other options it is found as every command is.
    if arguments.first == QuarantineCommand.name { await QuarantineCommand.main(arguments) }
    await ServiceMain.run(
      program, adminPort: adminPort, configure: FlowConfiguration.init,
      commands: [
        QuarantineCommand.name: { _, _ in await QuarantineCommand.main(arguments) },
        RetentionCommand.name: RetentionCommand.run,
      ], build: build)
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
    // Two more for what is done beside: templates, fields, retention.
    let elasticsearch = ElasticsearchClient(
      url: configuration.elasticsearchURL, authorization: configuration.elasticsearchAuthorization,
      clients: configuration.concurrency + 2, timeout: configuration.elasticsearchTimeout)
    let topics = TopicList(always: [PlatformTopic.newTopicEvents], naming: configuration.naming)
    let redaction = TopicRedaction(profiles: profiles, logger: context.logger)
    let (metrics, election) = (FlowMetrics(context.metrics) { redaction.off }, Election())
    return [
      .init("profiles", profiles),
      .init("usage", try reporter(configuration, context, usage, profiles)),
      .init(
        "templates",
        IndexTemplates(
          elasticsearch: elasticsearch, naming: configuration.naming, shards: configuration.shards,
          replicas: configuration.replicas, fields: configuration.indexFields, logger: context.logger)),
      .init(
        "topics",
        TopicWatcher(
          configuration: configuration.watcherKafka, topics: topics, logger: context.logger)),
      .init(
        "pipeline",
        try IndexPipeline(
          configuration, context, topics: topics, elasticsearch: elasticsearch,
          usage: TopicUsage(profiles: profiles, usage: usage), redaction: redaction, metrics: metrics,
          election: election)),
      .init(
        "lag",
        LagWatch(
          kafka: configuration.watcherKafka, group: configuration.kafka.consumer.group ?? "",
          naming: configuration.naming, metrics: LagMetrics(context.metrics), clock: context.clock,
          logger: context.logger)),
    ] + upkeep(configuration, context, elasticsearch, topics, profiles, election, metrics)
  }

  /// What one Flow does for all.
  private static func upkeep(
    _ configuration: FlowConfiguration, _ context: ServiceContext, _ elasticsearch: ElasticsearchClient,
    _ topics: TopicList, _ profiles: ProfileFeed, _ election: Election, _ metrics: FlowMetrics
  ) -> [ServiceGroup.Member] {
    var members = [
      ServiceGroup.Member(
        "fields",
        FieldWatcher(
          elasticsearch: elasticsearch, naming: configuration.naming, topics: topics, election: election,
          metrics: metrics.mapping, limit: configuration.indexFields, clock: context.clock, logger: context.logger))
    ]
    if configuration.retention.isEnabled {
      members.append(
        .init(
          "retention",
          Retention(
            sweep: RetentionSweep(elasticsearch: elasticsearch, naming: configuration.naming), profiles: profiles,
            topics: topics, group: configuration.retention.group, unknownDays: configuration.retention.unknownDays,
            election: election, metrics: metrics.retention, clock: context.clock, logger: context.logger)))
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

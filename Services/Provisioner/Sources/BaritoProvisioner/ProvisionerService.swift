import BaritoCore
import BaritoService
import Curl
import Kafka
import Lifecycle
import Logging
import Settings

/// The Provisioner: makes the clusters that Market asks for. What it is made of, dependencies first.
public enum ProvisionerService {
  static let program = Program(
    "barito-provisioner", "Makes and removes the clusters of app groups.", settings: ProvisionerConfiguration.settings)

  public static func main() async {
    await ServiceMain.run(program, adminPort: 9083, configure: ProvisionerConfiguration.init, build: build)
  }

  static func build(
    _ configuration: ProvisionerConfiguration, _ context: ServiceContext
  ) async throws -> [ServiceGroup.Member] {
    let metrics = ProvisionerMetrics(context.metrics)
    var producerKafka = configuration.kafka
    producerKafka.producer.lingerMilliseconds = 0
    let producer = try KafkaProducer(producerKafka, logger: context.logger)
    context.readiness.add("kafka") { producer.fatalError.map { "no event can be sent: \($0)" } }
    let runner = RequestRunner(
      driver: try driver(configuration, context),
      events: KafkaEventLog(producer: producer, metrics: metrics, logger: context.logger),
      prover: Verification(
        market: MarketClient(url: configuration.marketURL, token: configuration.serviceToken),
        routerURL: configuration.routerURL, clients: configuration.concurrent, timeout: configuration.verifyTimeout,
        clock: context.clock),
      limits: configuration.limits, pollInterval: configuration.pollInterval, metrics: metrics, clock: context.clock,
      logger: context.logger)
    let source = try KafkaRequestSource(configuration.consumerKafka, logger: context.logger)
    try await source.subscribe()
    return await canary(configuration, context, source) + [
      .init("events", Closing { await producer.close(within: .seconds(10)) }),
      .init(
        "requests",
        ProvisioningWorker(
          source: source, runner: runner, concurrent: configuration.concurrent, metrics: metrics,
          logger: context.logger)),
    ]
  }

  /// Measures every group, unless that is switched off.
  private static func canary(
    _ configuration: ProvisionerConfiguration, _ context: ServiceContext, _ source: KafkaRequestSource
  ) async -> [ServiceGroup.Member] {
    guard configuration.canaryInterval > .zero else { return [] }
    let profiles = ProfileFeed(
      market: MarketClient(url: configuration.marketURL, token: configuration.serviceToken, clients: 1),
      snapshotPath: configuration.snapshotPath, logger: context.logger)
    await profiles.restore()
    let way = ProbeWay(
      market: MarketClient(url: configuration.marketURL, token: configuration.serviceToken, clients: 2),
      routerURL: configuration.routerURL, http: CurlPool(clients: 32))
    return [
      .init("profiles", profiles),
      .init(
        "canary",
        Canary(
          profiles: profiles, way: way, metrics: CanaryMetrics(context.metrics), clock: context.clock,
          logger: context.logger, interval: configuration.canaryInterval, deadline: .seconds(300),
          isElected: { await source.isFirst })),
    ]
  }

  private static func driver(
    _ configuration: ProvisionerConfiguration, _ context: ServiceContext
  ) throws -> any Driver {
    switch configuration.driver {
    case .local(let settings):
      return try LocalDriver(settings, kafka: configuration.kafka, logger: context.logger)
    case .pathfinder(let pathfinder):
      let client = PathfinderClient(
        url: pathfinder.url, token: pathfinder.token, cluster: pathfinder.settings.cluster,
        clients: configuration.concurrent)
      return PathfinderDriver(client, pathfinder.settings)
    }
  }
}

import BaritoCore
import BaritoService
import Compression
import HTTP
import Kafka
import Lifecycle
import Logging
import Settings
import Streams

/// The Router: takes lines in and answers when they are safe. What it is made of, dependencies first.
public enum RouterService {
  static let program = Program(
    "barito-router", "Takes lines in over HTTP and answers when Kafka has them.",
    settings: RouterConfiguration.settings)

  static let adminPort = 9081

  public static func main() async {
    await ServiceMain.run(program, adminPort: adminPort, configure: RouterConfiguration.init, build: build)
  }

  static func build(
    _ configuration: RouterConfiguration, _ context: ServiceContext
  ) async throws -> [ServiceGroup.Member] {
    let market = MarketClient(url: configuration.marketURL, token: configuration.serviceToken, clients: 1)
    let limiter = IngestLimiter()
    let profiles = ProfileFeed(
      market: market, snapshotPath: configuration.snapshotPath, logger: context.logger,
      instance: ServiceInstance(service: ServiceInstance.router, instance: context.instance)
    ) { limiter.share(among: $0) }
    await profiles.restore()
    context.readiness.add("profiles") { profiles.unreadyReason }
    let usage = UsageCounter(now: context.clock.wallMilliseconds)
    let bytes = AppBytes(limit: configuration.appBytesInFlight)
    let clusters = Clusters(configuration.kafka, patience: configuration.kafkaPatience, logger: context.logger)
    let metrics = RouterMetrics(
      context.metrics, bodyLimit: configuration.limits.bodyBytes, limiter: limiter, inMemory: bytes, clusters: clusters)
    // Clients of its own: senders of unknown apps must not hold up the feed.
    let asking = MarketClient(url: configuration.marketURL, token: configuration.serviceToken)
    let pipeline = IngestPipeline(
      profiles: profiles, newApps: NewApps(market: asking, profiles: profiles), clusters: clusters, limiter: limiter,
      usage: usage, metrics: metrics, clock: context.clock, bytes: bytes)
    let inflater = Inflater()
    let reader = BodyReader(limits: configuration.limits, inflater: inflater)
    let server = HTTPServer(
      httpConfiguration(configuration), routes: routes(pipeline, reader), logger: context.logger)
    let port = try server.start()
    context.logger.notice("taking lines in", ["address": "\(configuration.address.host):\(port)"])
    let viewer = HTTPServer(
      HTTPServerConfiguration(address: configuration.viewerAddress.description),
      routes: ViewerController(profiles: profiles).routes, logger: context.logger)
    try viewer.start()
    let streams = try streams(configuration, context, pipeline, inflater)
    return [
      .init("profiles", profiles),
      .init("usage", try reporter(configuration, context, usage, profiles)),
      .init("housekeeping", Housekeeping(profiles: profiles, clusters: clusters, limiter: limiter)),
      .init("kafka", Closing { await clusters.close(within: .seconds(10)) }),
      .init("viewer", ServingHTTP(viewer, drainingWithin: .seconds(2))),
      // Every ticket settles within Kafka's time-out, so everything in flight gets its true answer.
      .init("http", ServingHTTP(server, drainingWithin: configuration.kafka.producer.messageTimeout + .seconds(2))),
    ] + streams
  }

  /// Every way in that is not HTTP and not switched off.
  private static func streams(
    _ configuration: RouterConfiguration, _ context: ServiceContext, _ pipeline: IngestPipeline, _ inflater: Inflater
  ) throws -> [ServiceGroup.Member] {
    let metrics = StreamMetrics(context.metrics)
    var members: [ServiceGroup.Member] = []
    func serve(_ name: String, _ server: StreamServer, at address: Address) throws {
      let port = try server.start()
      context.logger.notice("taking \(name) in", ["address": "\(address.host):\(port)"])
      let limit = configuration.kafka.producer.messageTimeout + .seconds(2)
      members.append(.init(name, ServingStreams(server, drainingWithin: limit)))
    }
    if let address = configuration.forward.address {
      let ingest = StreamIngest(
        ForwardListener.name, pipeline: pipeline, metrics: metrics,
        limits: .init(bytes: configuration.bodyBytesInFlight),
        logger: context.logger, explain: ForwardCredentials.explain)
      let listener = ForwardListener(
        ingest: ingest, limits: configuration.limits, inflater: inflater,
        requiresHandshake: configuration.requiresHandshake)
      let server = listener.server(
        address, configuration.forward.tls, threads: configuration.threads,
        connections: configuration.maximumConnections, bytesInFlight: configuration.bodyBytesInFlight,
        logger: context.logger)
      try serve(ForwardListener.name, server, at: address)
    }
    // Made also when it is switched off, so that what is counted has the same names everywhere.
    let syslogMetrics = SyslogMetrics(context.metrics)
    if let address = configuration.syslog.address {
      let ingest = StreamIngest(
        SyslogListener.name, pipeline: pipeline, metrics: metrics,
        limits: SyslogListener.bounds(bytes: configuration.bodyBytesInFlight),
        logger: context.logger, explain: SyslogCredentials.explain)
      let listener = SyslogListener(
        ingest: ingest, metrics: syslogMetrics, documentBytes: configuration.limits.documentBytes)
      let server = listener.server(
        address, configuration.syslog.tls, threads: configuration.threads,
        connections: configuration.maximumConnections, bytesInFlight: configuration.bodyBytesInFlight,
        logger: context.logger)
      try serve(SyslogListener.name, server, at: address)
    }
    return members
  }

  /// Every way in over HTTP.
  static func routes(_ pipeline: IngestPipeline, _ reader: BodyReader) -> Routes {
    var routes = Routes()
    var ingest: Set<String> = []
    func serve<Source: IngestProtocol>(_ source: Source) {
      IngestController(source: source, pipeline: pipeline, reader: reader).register(in: &routes)
      ingest.formUnion(Source.routes.map(\.pattern))
    }
    serve(ProduceProtocol())
    serve(BulkProtocol())
    serve(OTLPProtocol())
    serve(LokiProtocol())
    ElasticsearchStandIn(pipeline: pipeline).register(in: &routes)
    routes.get("/ping") { _ in .text("OK") }
    // What ships to Loki asks this before it starts.
    routes.get("/ready") { _ in .text("ready\n") }
    let patterns = ingest
    routes.onFinish = { pipeline.metrics.finished($0, isIngest: patterns.contains($0.pattern)) }
    return routes
  }

  private static func httpConfiguration(_ configuration: RouterConfiguration) -> HTTPServerConfiguration {
    var http = HTTPServerConfiguration(address: configuration.address.description)
    http.threads = configuration.threads
    http.maxConnections = configuration.maximumConnections
    http.bodyBytesInFlight = configuration.bodyBytesInFlight
    // Kept by every connection as long as it is open, so no more than headers need: a body goes through it in pieces.
    http.connectionMemory = 16 * 1024
    return http
  }

  private static func reporter(
    _ configuration: RouterConfiguration, _ context: ServiceContext, _ usage: UsageCounter, _ profiles: ProfileFeed
  ) throws -> UsageReporter {
    var kafka = configuration.kafka
    kafka.brokers = configuration.platformBrokers
    kafka.clientID = "barito-router-usage"
    // Two reports must fit into a stop.
    kafka.producer.messageTimeout = min(kafka.producer.messageTimeout, .seconds(4))
    return UsageReporter(
      service: "router", instance: context.instance, usage: usage, profiles: profiles,
      producer: try KafkaProducer(kafka, logger: context.logger), clock: context.clock, logger: context.logger)
  }
}

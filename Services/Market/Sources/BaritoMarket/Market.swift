internal import BaritoCore
internal import BaritoService
internal import HTTP
internal import Kafka
internal import Lifecycle
internal import Logging
internal import Postgres
internal import Settings

/// Market: the portal, the API and the control plane. What it is made of, dependencies first.
public enum Market {
  static let createTokenCommand = "create-token"

  static let program = Program(
    "barito-market", "Registers groups and apps, provisions clusters, and tells the data plane.",
    settings: MarketConfiguration.settings,
    commands: [
      Program("migrate", "Bring the database up to date, and end."),
      Program("first-administrator", "Print a link, valid once, that makes the first administrator."),
      Program(
        createTokenCommand, "Print a new API token of the platform's own account.",
        settings: [MarketConfiguration.tokenName, MarketConfiguration.tokenScopes],
        examples: [("barito-market create-token --name deploy --scopes read,write", "a token for a deployment script")]),
    ])

  public static func main() async {
    await ServiceMain.run(
      program, adminPort: 9080, configure: MarketConfiguration.init,
      commands: [
        "migrate": MarketCommands.migrate, "first-administrator": MarketCommands.firstAdministrator,
        createTokenCommand: MarketCommands.createToken,
      ], build: build)
  }

  static func build(
    _ configuration: MarketConfiguration, _ context: ServiceContext
  ) async throws -> [ServiceGroup.Member] {
    let logger = context.logger
    for name in try await MarketSchema.migrate(configuration.database) {
      logger.notice("the database was brought forward", ["migration": name])
    }
    let pool = PostgresPool(configuration.database, limit: configuration.databaseConnections)
    let (database, metrics) = (Database(pool), MarketMetrics(context.metrics))
    let (profiles, outbox) = (ChangeSignal(), ChangeSignal())
    let services = MarketServices(configuration, database, changes: profiles, context)
    try await announceFirstAdministrator(services)
    context.readiness.add("database") { profiles.isListening ? nil : "the database does not answer" }
    let inbox = Inbox(database: database, metrics: metrics, logger: logger)
    var routes = routes(services, metrics)
    WebController(services: services, database: database).register(in: &routes)
    let server = HTTPServer(httpConfiguration(configuration), routes: routes, logger: logger)
    let port = try server.start()
    logger.notice("serving pages and the API", ["address": "\(configuration.address.host):\(port)"])
    return [
      .init("database", Closing { await pool.close() }),
      .init("topics", PlatformTopics(configuration.kafka, logger: logger)),
      .init(
        "changes",
        ChangeListener(configuration: configuration.database, profiles: profiles, outbox: outbox, logger: logger)),
      .init(
        "outbox",
        OutboxRelay(
          database: database, kafka: configuration.kafka, changes: outbox, metrics: metrics, logger: logger)),
      .init("inbox", InboxConsumer(inbox: inbox, kafka: configuration.kafka, logger: logger)),
      .init(
        "housekeeping",
        Housekeeping(database: database, clock: services.clock, metrics: metrics, logger: logger)),
      .init("http", DrainingServer(server: server, changes: profiles)),
    ]
  }

  /// Everything that is served.
  static func routes(_ services: MarketServices, _ metrics: MarketMetrics) -> Routes {
    var routes = Routes()
    APIController(services: services).register(in: &routes)
    InternalController(services: services).register(in: &routes)
    routes.onFinish = { metrics.finished($0) }
    return routes
  }

  private static func announceFirstAdministrator(_ services: MarketServices) async throws {
    guard let link = try await services.accounts.makeFirstAdministratorLink() else { return }
    services.logger.notice("there is no administrator yet: open the link", ["link": services.setupURL(link)])
  }

  private static func httpConfiguration(_ configuration: MarketConfiguration) -> HTTPServerConfiguration {
    var http = HTTPServerConfiguration(address: configuration.address.description)
    http.threads = configuration.threads
    http.bodyBytesInFlight = 32 << 20
    return http
  }
}

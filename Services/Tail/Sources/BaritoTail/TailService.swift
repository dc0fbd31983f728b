import BaritoCore
import BaritoService
import HTTP
import Kafka
import Lifecycle
import Logging
import Settings

/// Tail: shows lines as they come, straight from Kafka. What it is made of, dependencies first.
public enum TailService {
  static let program = Program(
    "barito-tail", "Shows the lines of apps as they come, straight from Kafka.", settings: TailConfiguration.settings)

  public static func main() async {
    await ServiceMain.run(program, adminPort: 9084, configure: TailConfiguration.init, build: build)
  }

  static func build(
    _ configuration: TailConfiguration, _ context: ServiceContext
  ) async throws -> [ServiceGroup.Member] {
    let market = MarketClient(url: configuration.marketURL, token: configuration.serviceToken)
    let profiles = ProfileFeed(market: market, snapshotPath: configuration.snapshotPath, logger: context.logger)
    await profiles.restore()
    context.readiness.add("profiles") { profiles.unreadyReason }
    let sessions = Sessions(maximum: configuration.sessions, maximumPerUser: configuration.sessionsPerUser)
    let metrics = TailMetrics(context.metrics, sessions: sessions)
    let shapes = TopicShapes(configuration.kafka, logger: context.logger)
    let controller = TailController(
      profiles: profiles, access: AccessGate(market: market, ttl: configuration.accessTTL, clock: context.clock),
      sessions: sessions, shapes: shapes, kafka: configuration.kafka, settings: configuration.session, metrics: metrics,
      clock: context.clock, logger: context.logger)
    let server = HTTPServer(
      httpConfiguration(configuration), routes: routes(controller, metrics), logger: context.logger)
    let port = try server.start()
    context.logger.notice("viewers may connect", ["address": "\(configuration.address.host):\(port)"])
    return [
      .init("profiles", profiles),
      .init("kafka", Closing { await shapes.close(within: .seconds(5)) }),
      .init("http", ServingHTTP(server, drainingWithin: .seconds(5))),
      // Told first, so that viewers hear why and where to go on while the server still sends.
      .init("sessions", sessions),
    ]
  }

  static func routes(_ controller: TailController, _ metrics: TailMetrics) -> Routes {
    var routes = Routes()
    controller.register(in: &routes)
    routes.get("/ping") { _ in .text("OK") }
    routes.onFinish = { metrics.finished($0) }
    return routes
  }

  private static func httpConfiguration(_ configuration: TailConfiguration) -> HTTPServerConfiguration {
    var http = HTTPServerConfiguration(address: configuration.address.description)
    http.threads = configuration.threads
    http.maxConnections = configuration.sessions + 200
    return http
  }
}

internal import BaritoService
internal import Kafka
internal import Postgres
public import Settings

/// What an operator decides about Market.
struct MarketConfiguration: Sendable {
  var address: Address
  var threads: Int
  var database: PostgresConfiguration
  var databaseConnections: Int
  var kafka: KafkaConfiguration
  var serviceToken: String
  var addresses: MarketAddresses
  var operations: OperationSettings
  /// What `create-token` is to make.
  var token: TokenOrder?

  /// A token that is made from the command line.
  struct TokenOrder: Sendable, Equatable {
    var name: String
    var scopes: Set<Scope>
  }

  static let httpAddress = Setting(
    "http.address", Address.self, default: Address("127.0.0.1", 8080), "Where pages and the API are served.")
  static let httpThreads = Setting("http.threads", Int.self, in: 1...64, default: 2, "Threads that serve connections.")
  static let databaseURL = Setting(
    required: "database.url", String.self, secret: true,
    "The PostgreSQL database, such as postgresql://barito:password@localhost:5432/barito.")
  static let connections = Setting(
    "database.connections", Int.self, in: 2...100, default: 8, "Connections to the database at most.")
  static let kafkaBrokers = Setting(
    "kafka.brokers", String.self, default: "127.0.0.1:9092", "The platform's own Kafka, host:port separated by commas.")
  static let publicURL = Setting(
    "public.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:8080"),
    "Where people reach Market; https everywhere but on loopback.")
  static let routerURL = Setting(
    "router.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:8081"),
    "Where senders reach the Router.")
  static let forwardURL = Setting(
    "router.forward-url", StreamURL?.self, default: nil,
    "Where fluentd's forward protocol is spoken, tls://host:port or tcp://host:port; empty is port 24224 of router.url's host, "
      + "with TLS where that is https.")
  static let syslogURL = Setting(
    "router.syslog-url", StreamURL?.self, default: nil,
    "Where syslog is spoken, likewise; empty is port 6514 of router.url's host, with TLS where that is https.")
  static let viewerURL = Setting(
    "viewer.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:8083"),
    "Where people reach Kibana through the Router.")
  static let tailURL = Setting(
    "tail.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:8084"), "Where lines are followed live.")
  static let maximumApps = Setting(
    "groups.maximum-apps", Int.self, in: 1...10_000, default: 100, "How many apps a new group may have.")
  static let retentionDays = Setting(
    "retention.days", Int.self, in: 1...3_650, default: 30, "How many days a new group keeps its lines.")
  static let maximumRetentionDays = Setting(
    "retention.maximum-days", Int.self, in: 1...3_650, default: 365, "The longest retention that may be asked for.")
  static let topicsAreShared = Setting(
    "topics.shared", Bool.self, default: false,
    "Whether groups share one Kafka, so that topics carry the cluster's name; decides what is shown until a cluster is there."
  )

  static let tokenName = Setting(required: "name", String.self, "What will use the token.")
  static let tokenScopes = Setting("scopes", [Scope].self, default: [.read], "What it may be used for.")

  static let settings: [any DeclaredSetting] = [
    httpAddress, httpThreads, databaseURL, connections, kafkaBrokers, publicURL, routerURL, forwardURL, syslogURL,
    viewerURL, tailURL, maximumApps, retentionDays, maximumRetentionDays, topicsAreShared,
    CommonSettings.kafkaProperties,
    CommonSettings.serviceToken,
  ]

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    address = settings[Self.httpAddress]
    threads = settings[Self.httpThreads]
    database = PostgresConfiguration(url: settings[Self.databaseURL])
    database.applicationName = "barito-market"
    databaseConnections = settings[Self.connections]
    kafka = KafkaConfiguration(
      brokers: settings[Self.kafkaBrokers], clientID: "barito-market",
      properties: settings[CommonSettings.kafkaProperties])
    kafka.consumer.group = "barito-market"
    kafka.producer.messageTimeout = .seconds(5)
    serviceToken = settings[CommonSettings.serviceToken]
    addresses = MarketAddresses(
      publicURL: settings[Self.publicURL].text, viewerURL: settings[Self.viewerURL].text,
      tailURL: settings[Self.tailURL].text)
    operations = OperationSettings()
    operations.maximumApps = settings[Self.maximumApps]
    operations.retentionDays = settings[Self.retentionDays]
    operations.maximumRetentionDays = settings[Self.maximumRetentionDays]
    operations.topicsAreShared = settings[Self.topicsAreShared]
    operations.router = RouterAddresses(
      url: settings[Self.routerURL].text, forward: settings[Self.forwardURL], syslog: settings[Self.syslogURL])
    if settings.command.first == Market.createTokenCommand {
      token = TokenOrder(name: settings[Self.tokenName], scopes: Set(settings[Self.tokenScopes]))
    }
    try verify(settings)
  }

  private func verify(_ settings: SettingsReader) throws(SettingsErrors) {
    let (addresses, operations) = (addresses, operations)
    try settings.verify { rules in
      rules.require(
        addresses.publicURL.hasPrefix("https://") || addresses.isLoopback, Self.publicURL,
        "is neither https nor on loopback, so browsers would not keep anybody signed in",
        remedy: "put a server with TLS in front, and write its https URL")
      rules.require(
        operations.retentionDays <= operations.maximumRetentionDays, Self.retentionDays,
        "is longer than retention.maximum-days", remedy: "raise that or lower this")
    }
  }
}

extension Scope: SettingValue {}

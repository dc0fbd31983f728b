import BaritoService
import Kafka
import Settings

/// What an operator decides about the Router.
struct RouterConfiguration: Sendable {
  var address: Address
  var viewerAddress: Address
  var threads: Int
  var maximumConnections: Int
  var bodyBytesInFlight: Int
  var appBytesInFlight: Int
  var limits: BodyReader.Limits
  var marketURL: String
  var serviceToken: String
  var snapshotPath: String?
  var forward: StreamListenerSettings.Values
  /// Whether each sender of the forward protocol must use the handshake.
  var requiresHandshake: Bool
  var syslog: StreamListenerSettings.Values
  /// Everything but the brokers, which the profiles name.
  var kafka: KafkaConfiguration
  /// Silence of a topic after which requests for it are refused, those that wait too.
  var kafkaPatience: Duration
  /// The platform's own Kafka, where usage goes.
  var platformBrokers: String

  static let httpAddress = Setting(
    "http.address", Address.self, default: Address("127.0.0.1", 8081), "Where lines are taken in.")
  static let viewer = Setting(
    "viewer.address", Address.self, default: Address("127.0.0.1", 8083), "Where people look for their Kibana.")
  static let httpThreads = Setting("http.threads", Int.self, in: 1...64, default: 2, "Threads that serve connections.")
  static let httpConnections = Setting(
    "http.connections", Int.self, in: 1...100_000, default: 10_000, "Connections at once; more wait.")
  static let inFlight = Setting(
    "ingest.bytes-in-flight", ByteCount.self, default: .mebibytes(256),
    "Memory for bodies that are being read, in all; over it requests wait before their body.")
  static let appInFlight = Setting(
    "ingest.app-bytes-in-flight", ByteCount.self, default: .mebibytes(64),
    "The same for one app, with its lines on their way to Kafka; over it requests are refused.")
  static let maximumBody = Setting(
    "ingest.max-body", ByteCount.self, default: .mebibytes(20), "The largest body, as it is sent.")
  static let maximumInflated = Setting(
    "ingest.max-inflated", ByteCount.self, default: .mebibytes(64), "The largest body after decompression.")
  static let maximumLine = Setting(
    "ingest.max-line", ByteCount.self, default: .kibibytes(900), "The largest document made of one line.")
  static let maximumItems = Setting(
    "ingest.max-items", Int.self, in: 1...1_000_000, default: 50_000, "Lines in one request.")
  static let kafkaBrokers = Setting(
    "kafka.brokers", String.self, default: "127.0.0.1:9092", "The platform's own Kafka, where usage is reported.")
  static let kafkaLinger = Setting(
    "kafka.linger", Duration.self, default: .milliseconds(5), "How long lines wait for company on their way to Kafka.")
  static let kafkaTimeout = Setting(
    "kafka.timeout", Duration.self, default: .seconds(10),
    "After so long without Kafka's acknowledgement a request is answered 503.")
  static let kafkaSilence = Setting(
    "kafka.patience", Duration.self, default: .milliseconds(800),
    "After so long without a word of Kafka on a topic, requests for it are refused, those that wait too; one batch at a time goes on trying."
  )
  static let kafkaQueue = Setting(
    "kafka.queue", ByteCount.self, default: .mebibytes(128), "Memory for lines on their way to one Kafka cluster.")

  static let settings: [any DeclaredSetting] =
    [
      httpAddress, viewer, httpThreads, httpConnections, inFlight, appInFlight, maximumBody, maximumInflated,
      maximumLine, maximumItems,
    ] + ForwardListener.settings.all + [ForwardListener.handshake] + SyslogListener.settings.all + [
      kafkaBrokers, kafkaLinger, kafkaTimeout, kafkaSilence, kafkaQueue, CommonSettings.kafkaProperties,
      CommonSettings.marketURL, CommonSettings.serviceToken, CommonSettings.snapshotPath,
    ]

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    address = settings[Self.httpAddress]
    viewerAddress = settings[Self.viewer]
    threads = settings[Self.httpThreads]
    maximumConnections = settings[Self.httpConnections]
    bodyBytesInFlight = settings[Self.inFlight].bytes
    appBytesInFlight = settings[Self.appInFlight].bytes
    limits = BodyReader.Limits(
      bodyBytes: settings[Self.maximumBody].bytes, inflatedBytes: settings[Self.maximumInflated].bytes,
      documentBytes: settings[Self.maximumLine].bytes, items: settings[Self.maximumItems])
    forward = ForwardListener.settings.read(settings)
    requiresHandshake = settings[ForwardListener.handshake]
    syslog = SyslogListener.settings.read(settings)
    marketURL = settings[CommonSettings.marketURL].text
    serviceToken = settings[CommonSettings.serviceToken]
    snapshotPath = settings[CommonSettings.snapshotPath]
    kafkaPatience = settings[Self.kafkaSilence]
    platformBrokers = settings[Self.kafkaBrokers]
    kafka = KafkaConfiguration(
      brokers: "", clientID: "barito-router", properties: settings[CommonSettings.kafkaProperties])
    kafka.producer.lingerMilliseconds = Int(settings[Self.kafkaLinger] / .milliseconds(1))
    kafka.producer.messageTimeout = settings[Self.kafkaTimeout]
    kafka.producer.queueKilobytes = settings[Self.kafkaQueue].bytes / 1024
    // What these limits let in, the producer must be able to take.
    kafka.producer.largestMessage = max(kafka.producer.largestMessage, limits.documentBytes)
    kafka.producer.queueMessages = max(kafka.producer.queueMessages, 2 * limits.items)
    let (body, inflated, line) = (limits.bodyBytes, limits.inflatedBytes, limits.documentBytes)
    let queue = settings[Self.kafkaQueue].bytes
    try settings.verify { rules in
      ForwardListener.settings.verify(settings, &rules)
      SyslogListener.settings.verify(settings, &rules)
      rules.require(
        inflated >= body, Self.maximumInflated, "is smaller than ingest.max-body",
        remedy: "raise it, or lower ingest.max-body")
      rules.require(
        line <= inflated, Self.maximumLine, "is larger than ingest.max-inflated",
        remedy: "lower it, or raise ingest.max-inflated")
      rules.require(
        queue >= inflated, Self.kafkaQueue, "is smaller than ingest.max-inflated, so the largest bodies never fit",
        remedy: "raise it, or lower ingest.max-inflated")
    }
  }
}

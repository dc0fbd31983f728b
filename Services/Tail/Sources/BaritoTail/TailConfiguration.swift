import BaritoService
import Kafka
import Settings

/// What an operator decides about Tail.
struct TailConfiguration: Sendable {
  var address: Address
  var threads: Int
  var marketURL: String
  var serviceToken: String
  var snapshotPath: String?
  var accessTTL: Duration
  var sessions: Int
  var sessionsPerUser: Int
  var session: TailSessionSettings
  /// Everything but the brokers, which the profiles name.
  var kafka: KafkaConfiguration

  static let httpAddress = Setting(
    "http.address", Address.self, default: Address("127.0.0.1", 8084), "Where viewers connect.")
  static let httpThreads = Setting("http.threads", Int.self, in: 1...64, default: 1, "Threads that serve connections.")
  static let accessLife = Setting(
    "access.ttl", Duration.self, default: .seconds(10),
    "How long Market's word on who may read is good for new sessions; so long Tail does without Market.")
  static let accessRecheck = Setting(
    "access.recheck", Duration.self, default: .seconds(60), "How often Market is asked again about sessions that run.")
  static let maximumSessions = Setting(
    "sessions.max", Int.self, in: 1...10_000, default: 200, "Sessions at once; more are answered 503.")
  static let maximumPerUser = Setting(
    "sessions.per-user", Int.self, in: 1...1000, default: 10, "Sessions at once of one user; more are answered 429.")
  static let maximumLag = Setting(
    "sessions.max-lag", Int.self, in: 1...1_000_000_000, default: 50_000,
    "Lines that a session may fall behind; then it goes on at the newest and is told what it missed.")
  static let heartbeat = Setting(
    "sessions.heartbeat", Duration.self, default: .seconds(10), "How long a session may be silent.")
  static let topicCheck = Setting(
    "sessions.topic-check", Duration.self, default: .seconds(5),
    "How often a session looks for topics and partitions that are new.")

  static let settings: [any DeclaredSetting] = [
    httpAddress, httpThreads, accessLife, accessRecheck, maximumSessions, maximumPerUser, maximumLag, heartbeat,
    topicCheck, CommonSettings.kafkaProperties, CommonSettings.marketURL, CommonSettings.serviceToken,
    CommonSettings.snapshotPath,
  ]

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    address = settings[Self.httpAddress]
    threads = settings[Self.httpThreads]
    marketURL = settings[CommonSettings.marketURL].text
    serviceToken = settings[CommonSettings.serviceToken]
    snapshotPath = settings[CommonSettings.snapshotPath]
    accessTTL = settings[Self.accessLife]
    sessions = settings[Self.maximumSessions]
    sessionsPerUser = settings[Self.maximumPerUser]
    session = TailSessionSettings(
      heartbeat: settings[Self.heartbeat], topicCheck: settings[Self.topicCheck],
      accessRecheck: settings[Self.accessRecheck], maximumLag: Int64(settings[Self.maximumLag]))
    kafka = KafkaConfiguration(
      brokers: "", clientID: "barito-tail", properties: settings[CommonSettings.kafkaProperties])
  }
}

/// What holds for every session.
struct TailSessionSettings: Sendable {
  var heartbeat: Duration = .seconds(10)
  var topicCheck: Duration = .seconds(5)
  var accessRecheck: Duration = .seconds(60)
  /// Lines.
  var maximumLag: Int64 = 50_000
}

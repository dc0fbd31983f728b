public import Logging
public import Settings

/// Settings that every service has.
public enum CommonSettings {
  public enum LogLevel: String, CaseIterable, SettingValue { case trace, debug, info, notice, warning, error }
  public enum LogFormat: String, CaseIterable, SettingValue { case auto, text, json }

  public static let logLevel = Setting(
    "log.level", LogLevel.self, default: .info, "Events below this level are not logged.")
  public static let logFormat = Setting(
    "log.format", LogFormat.self, default: .auto, "How events are written: text on a terminal, JSON lines elsewhere.")
  public static let grace = Setting(
    "shutdown.grace", Duration.self, default: .seconds(30), "How long a stop may take until it is cut short.")

  /// Where `/livez`, `/readyz` and `/metrics` are. Each service has a port of its own.
  public static func adminAddress(port: Int) -> Setting<Address> {
    Setting(
      "admin.address", Address.self, default: Address("127.0.0.1", port),
      "Where /livez, /readyz and /metrics are served.")
  }

  public static let marketURL = Setting(
    "market.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:8080"), "Where Market is.")
  public static let serviceToken = Setting(
    required: "service.token", String.self, secret: true,
    "The platform's own token: the same for all services; 32 random characters or more.",
    check: { $0.utf8.count >= 16 ? nil : SettingFault("is too short", remedy: "give at least 16 characters") })
  public static let snapshotPath = Setting(
    "snapshot.path", String?.self, default: nil,
    "Where the last profiles are kept, so that a start needs no Market; empty keeps none.")
  public static let kafkaProperties = SettingFamily(
    "kafka.property", "Any property of librdkafka, for every client of this service.")

  /// A URL that is known to be one.
  public static func url(_ text: String) -> ServiceURL {
    guard let url = try? ServiceURL(text) else { preconditionFailure("\(text) is no URL") }
    return url
  }
}

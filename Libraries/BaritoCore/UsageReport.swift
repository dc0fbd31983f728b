/// What a service counted for the apps of one group since its last report. Deltas, so that reports of any number of
/// instances add up; Market applies each once, by its Kafka offset.
public struct UsageReport: Codable, Sendable, Equatable {
  public static let currentVersion = 1

  public var version: Int
  /// `router` or `flow`.
  public var service: String
  /// The process that counted: host name and a random part.
  public var instance: String
  public var clusterName: ClusterName
  /// The time that was counted, in milliseconds since 1970.
  public var from: Int64
  public var to: Int64
  public var apps: [AppUsage]
  /// Secrets of the group and its apps that let senders in, each once, from the Router; nil where there is none to tell
  /// of. What comes from a Router of before never has it.
  public var secrets: [SecretUse]?

  public init(
    service: String, instance: String, clusterName: ClusterName, from: Int64, to: Int64, apps: [AppUsage],
    secrets: [SecretUse]? = nil
  ) {
    version = UsageReport.currentVersion
    self.service = service
    self.instance = instance
    self.clusterName = clusterName
    self.from = from
    self.to = to
    self.apps = apps
    self.secrets = secrets
  }

  enum CodingKeys: String, CodingKey {
    case version, service, instance
    case clusterName = "cluster_name"
    case from = "from_ms"
    case to = "to_ms"
    case apps, secrets
  }
}

/// Counts of one app. The Router fills `accepted`, `bytes`, `refused` and `lastLineAt`, Flow the rest.
public struct AppUsage: Codable, Sendable, Equatable {
  public var app: AppID
  public var accepted: Int64
  public var bytes: Int64
  /// Lines refused, by the problem's `code`. Where a body could not be read, a request counts as one line.
  public var refused: [String: Int64]
  public var indexed: Int64
  /// Documents that Elasticsearch had already: a crash was survived, no line doubled.
  public var duplicates: Int64
  public var quarantined: Int64
  /// The same by what was wrong, a closed set of Flow's; nil where nothing was.
  public var quarantinedTypes: [String: Int64]?
  /// When the newest accepted line came, in milliseconds since 1970; nil when there was none.
  public var lastLineAt: Int64?

  public init(
    app: AppID, accepted: Int64 = 0, bytes: Int64 = 0, refused: [String: Int64] = [:], indexed: Int64 = 0,
    duplicates: Int64 = 0, quarantined: Int64 = 0, quarantinedTypes: [String: Int64]? = nil,
    lastLineAt: Int64? = nil
  ) {
    self.app = app
    self.accepted = accepted
    self.bytes = bytes
    self.refused = refused
    self.indexed = indexed
    self.duplicates = duplicates
    self.quarantined = quarantined
    self.quarantinedTypes = quarantinedTypes
    self.lastLineAt = lastLineAt
  }

  enum CodingKeys: String, CodingKey {
    case app = "app_id"
    case accepted, bytes, refused, indexed, duplicates, quarantined
    case quarantinedTypes = "quarantined_types"
    case lastLineAt = "last_line_at_ms"
  }
}

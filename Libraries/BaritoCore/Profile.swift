/// What the data plane must know of an app group: where its cluster is and who may write to it.
public struct GroupProfile: Codable, Sendable, Equatable {
  public enum Status: String, Codable, Sendable {
    /// Registered; its cluster is not there yet.
    case pending
    /// Provisioned; only the platform's own probe may write until a line has gone all the way.
    case verifying
    case active
    /// Switched off by a person: lines are refused.
    case inactive
  }

  public var clusterName: ClusterName
  public var name: String
  public var status: Status
  /// Secrets that may write to any app of the group and make new ones, at most two at a time.
  public var secrets: [SecretHash]
  /// Nil until the cluster is provisioned.
  public var cluster: ClusterEndpoints?
  /// How many apps the group may have.
  public var maximumApps: Int
  public var limits: IngestLimits
  /// What is taken out of the documents of apps that have no rules of their own; nil is nothing.
  public var redaction: [RedactionRule]?
  public var isDeleted: Bool

  public init(
    clusterName: ClusterName, name: String, status: Status, secrets: [SecretHash] = [],
    cluster: ClusterEndpoints? = nil, maximumApps: Int = 100, limits: IngestLimits = .unlimited,
    redaction: [RedactionRule]? = nil, isDeleted: Bool = false
  ) {
    self.clusterName = clusterName
    self.name = name
    self.status = status
    self.secrets = secrets
    self.cluster = cluster
    self.maximumApps = maximumApps
    self.limits = limits
    self.redaction = redaction
    self.isDeleted = isDeleted
  }

  enum CodingKeys: String, CodingKey {
    case clusterName = "cluster_name"
    case name, status, secrets, cluster
    case maximumApps = "maximum_apps"
    case limits, redaction
    case isDeleted = "deleted"
  }
}

/// Where a group's cluster takes and keeps lines, and how its topics are made.
public struct ClusterEndpoints: Codable, Sendable, Equatable {
  /// `host:port[,host:port…]`
  public var kafkaBrokers: String
  public var elasticsearchURL: String
  public var kibanaURL: String?
  public var naming: TopicNaming
  public var partitions: Int
  public var replicationFactor: Int
  public var minimumInsyncReplicas: Int

  public init(
    kafkaBrokers: String, elasticsearchURL: String, kibanaURL: String? = nil, naming: TopicNaming = TopicNaming(),
    partitions: Int = 1, replicationFactor: Int = 1, minimumInsyncReplicas: Int = 1
  ) {
    self.kafkaBrokers = kafkaBrokers
    self.elasticsearchURL = elasticsearchURL
    self.kibanaURL = kibanaURL
    self.naming = naming
    self.partitions = partitions
    self.replicationFactor = replicationFactor
    self.minimumInsyncReplicas = minimumInsyncReplicas
  }

  enum CodingKeys: String, CodingKey {
    case kafkaBrokers = "kafka_brokers"
    case elasticsearchURL = "elasticsearch_url"
    case kibanaURL = "kibana_url"
    case naming, partitions
    case replicationFactor = "replication_factor"
    case minimumInsyncReplicas = "minimum_insync_replicas"
  }
}

/// What the data plane must know of one app.
public struct AppProfile: Codable, Sendable, Equatable {
  public enum Status: String, Codable, Sendable { case active, inactive }

  /// What the door does with lines over the app's limit.
  public enum Overload: String, Codable, Sendable {
    /// 429 with `Retry-After`.
    case refuse
    /// 503 with `Retry-After`, for senders that retry nothing else (stock fluentd `out_http`).
    case refuseAsUnavailable = "refuse_503"
    /// Take them all the same, for senders that drop what is refused (the first Barito's plugin).
    case absorb
  }

  public var id: AppID
  public var clusterName: ClusterName
  public var name: String
  /// Unique in the group; `ClusterEndpoints.naming` makes the topic and the index prefix from it.
  public var topicName: String
  public var status: Status
  /// At most two at a time, so that a secret can be changed without a gap.
  public var secrets: [SecretHash]
  public var limits: IngestLimits
  public var overload: Overload
  public var retentionDays: Int
  /// What is taken out of its documents, in place of what its group says; nil: as the group says.
  public var redaction: [RedactionRule]?
  /// True for the platform's own app that proves a new cluster; no person sees it.
  public var isProbe: Bool
  public var isDeleted: Bool

  public init(
    id: AppID, clusterName: ClusterName, name: String, topicName: String, status: Status = .active,
    secrets: [SecretHash] = [], limits: IngestLimits = .unlimited, overload: Overload = .refuse,
    retentionDays: Int = 30, redaction: [RedactionRule]? = nil, isProbe: Bool = false, isDeleted: Bool = false
  ) {
    self.id = id
    self.clusterName = clusterName
    self.name = name
    self.topicName = topicName
    self.status = status
    self.secrets = secrets
    self.limits = limits
    self.overload = overload
    self.retentionDays = retentionDays
    self.redaction = redaction
    self.isProbe = isProbe
    self.isDeleted = isDeleted
  }

  enum CodingKeys: String, CodingKey {
    case id
    case clusterName = "cluster_name"
    case name
    case topicName = "topic_name"
    case status, secrets, limits, overload
    case retentionDays = "retention_days"
    case redaction
    case isProbe = "probe"
    case isDeleted = "deleted"
  }
}

/// Rates that the door holds an app or a group to. Nil means no limit.
public struct IngestLimits: Codable, Sendable, Equatable {
  public var linesPerSecond: Int?
  public var bytesPerSecond: Int?

  public init(linesPerSecond: Int? = nil, bytesPerSecond: Int? = nil) {
    self.linesPerSecond = linesPerSecond
    self.bytesPerSecond = bytesPerSecond
  }

  public static let unlimited = IngestLimits()

  enum CodingKeys: String, CodingKey {
    case linesPerSecond = "lines_per_second"
    case bytesPerSecond = "bytes_per_second"
  }
}

/// One answer of the profile feed: all that changed after the version that was asked for.
public struct ProfilePage: Codable, Sendable, Equatable {
  /// Ask for what comes after this one next.
  public var version: Int64
  /// True when there is more to be had at once.
  public var more: Bool
  public var groups: [GroupProfile]
  public var apps: [AppProfile]
  /// How many Routers ask for the feed, so that they share limits; nil where that is not known.
  public var routers: Int?

  public init(
    version: Int64, more: Bool = false, groups: [GroupProfile] = [], apps: [AppProfile] = [], routers: Int? = nil
  ) {
    self.version = version
    self.more = more
    self.groups = groups
    self.apps = apps
    self.routers = routers
  }
}

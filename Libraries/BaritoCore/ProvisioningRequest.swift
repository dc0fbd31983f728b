/// What Market asks of the Provisioner. Carries all that is needed: the Provisioner reads no database.
public struct ProvisioningRequest: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable { case create, delete }

  public static let currentVersion = 1

  public var version: Int
  /// Unique; doing the same request twice ends in the same state as doing it once.
  public var id: String
  public var kind: Kind
  public var clusterName: ClusterName
  public var groupName: String
  public var template: ClusterTemplate
  /// Milliseconds since 1970.
  public var requestedAt: Int64

  public init(
    id: String, kind: Kind, clusterName: ClusterName, groupName: String, template: ClusterTemplate, requestedAt: Int64
  ) {
    version = ProvisioningRequest.currentVersion
    self.id = id
    self.kind = kind
    self.clusterName = clusterName
    self.groupName = groupName
    self.template = template
    self.requestedAt = requestedAt
  }

  enum CodingKeys: String, CodingKey {
    case version
    case id = "request_id"
    case kind
    case clusterName = "cluster_name"
    case groupName = "group_name"
    case template
    case requestedAt = "requested_at_ms"
  }
}

/// A size of cluster: which components, how many of each, how big, and the limits that follow.
public struct ClusterTemplate: Codable, Sendable, Equatable {
  public var name: String
  /// Lines per second that the group may send.
  public var maxTPS: Int
  public var kafkaPartitions: Int
  public var kafkaReplicationFactor: Int
  public var components: [Component]

  public struct Component: Codable, Sendable, Equatable {
    public var type: ComponentType
    public var count: Int
    /// As Pathfinder writes it: `0-2`, `1-4`.
    public var cpuLimit: String
    /// As Pathfinder writes it: `500MB`, `20GB`.
    public var memoryLimit: String

    public init(type: ComponentType, count: Int, cpuLimit: String, memoryLimit: String) {
      self.type = type
      self.count = count
      self.cpuLimit = cpuLimit
      self.memoryLimit = memoryLimit
    }

    enum CodingKeys: String, CodingKey {
      case type, count
      case cpuLimit = "cpu_limit"
      case memoryLimit = "memory_limit"
    }
  }

  public init(
    name: String, maxTPS: Int, kafkaPartitions: Int, kafkaReplicationFactor: Int, components: [Component]
  ) {
    self.name = name
    self.maxTPS = maxTPS
    self.kafkaPartitions = kafkaPartitions
    self.kafkaReplicationFactor = kafkaReplicationFactor
    self.components = components
  }

  enum CodingKeys: String, CodingKey {
    case name
    case maxTPS = "max_tps"
    case kafkaPartitions = "kafka_partitions"
    case kafkaReplicationFactor = "kafka_replication_factor"
    case components
  }
}

public enum ComponentType: String, Codable, Sendable, CaseIterable {
  case consul, zookeeper, kafka, elasticsearch, kibana, flow
}

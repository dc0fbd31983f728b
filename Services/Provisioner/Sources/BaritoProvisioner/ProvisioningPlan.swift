import BaritoCore

/// What is to exist for a request: a pure function of the request and of how its driver is set up.
struct ProvisioningPlan: Sendable, Equatable {
  /// One instance that must be up before the group is.
  struct Instance: Sendable, Hashable {
    var hostname: String
    var type: ComponentType
  }

  /// Where the cluster's end points come from.
  enum Addressing: Sendable, Equatable {
    /// The addresses of the containers.
    case containers(partitions: Int, replicationFactor: Int)
    /// Known beforehand.
    case fixed(ClusterEndpoints)
  }

  var clusterName: ClusterName
  /// Empty when the cluster is to go.
  var instances: [Instance]
  /// What Pathfinder is told; empty for other drivers.
  var deployments: [PathfinderManifest] = []
  var addressing: Addressing

  /// The type of an instance, of the plan or left over from an older one, by the name of its deployment.
  func type(ofDeployment name: String) -> ComponentType? {
    ComponentType.allCases.first { name == ProvisioningPlan.deploymentName(clusterName, $0) }
  }

  static func deploymentName(_ cluster: ClusterName, _ type: ComponentType) -> String { "\(cluster)-\(type.rawValue)" }

  /// Where the cluster is reached.
  /// - Returns: nil while the address of an instance that is part of it is not known.
  func endpoints(_ observed: [ComponentState]) -> ClusterEndpoints? {
    guard case .containers(let partitions, let replicationFactor) = addressing else {
      guard case .fixed(let endpoints) = addressing else { return nil }
      return endpoints
    }
    guard let kafka = addresses(.kafka, observed), let elasticsearch = addresses(.elasticsearch, observed),
      let first = elasticsearch.first, !kafka.isEmpty, let kibana = addresses(.kibana, observed)
    else { return nil }
    return ClusterEndpoints(
      kafkaBrokers: kafka.map { "\(host($0)):\(Port.kafka)" }.joined(separator: ","),
      elasticsearchURL: "http://\(host(first)):\(Port.elasticsearch)",
      kibanaURL: kibana.first.map { "http://\(host($0)):\(Port.kibana)" }, naming: TopicNaming(),
      partitions: partitions, replicationFactor: replicationFactor,
      minimumInsyncReplicas: max(1, replicationFactor - 1))
  }

  /// In the order of the plan; nil when one is missing.
  private func addresses(_ type: ComponentType, _ observed: [ComponentState]) -> [String]? {
    var found: [String] = []
    for instance in instances where instance.type == type {
      guard let address = observed.first(where: { $0.hostname == instance.hostname })?.ipAddress else { return nil }
      found.append(address)
    }
    return found
  }

  /// An IPv6 address stands in brackets before a port.
  private func host(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }

  /// Where components listen, by convention of the cookbooks.
  enum Port {
    static let kafka = 9092
    static let elasticsearch = 9200
    static let kibana = 5601
    static let zookeeper = 2181
    static let consul = 8500
    /// The health check that every image answers.
    static let health = 9500
  }
}

extension ClusterTemplate {
  /// The sizes that Market offers at first, from the first Barito's templates. Its `producer` is our shared Router, its
  /// `consumer` our Flow.
  public static let sizes: [ClusterTemplate] = [small, medium, large]

  public static let small = ClusterTemplate(
    name: "small", maxTPS: 10_000, kafkaPartitions: 1, kafkaReplicationFactor: 1,
    components: components(consul: 1, zookeeper: 1, kafka: 1, elasticsearch: 1, flow: 1))

  public static let medium = ClusterTemplate(
    name: "medium", maxTPS: 50_000, kafkaPartitions: 3, kafkaReplicationFactor: 3,
    components: components(consul: 3, zookeeper: 3, kafka: 3, elasticsearch: 3, flow: 2))

  public static let large = ClusterTemplate(
    name: "large", maxTPS: 200_000, kafkaPartitions: 12, kafkaReplicationFactor: 3,
    components: components(consul: 3, zookeeper: 3, kafka: 5, elasticsearch: 5, flow: 4))

  /// The smallest size that carries so many lines per second; nil when none does.
  public static func size(forTPS maxTPS: Int) -> ClusterTemplate? { sizes.first { $0.maxTPS >= maxTPS } }

  public static func size(named name: String) -> ClusterTemplate? { sizes.first { $0.name == name } }

  private static func components(consul: Int, zookeeper: Int, kafka: Int, elasticsearch: Int, flow: Int) -> [Component]
  {
    [
      Component(type: .consul, count: consul, cpuLimit: "0-2", memoryLimit: "500MB"),
      Component(type: .zookeeper, count: zookeeper, cpuLimit: "0-2", memoryLimit: "5GB"),
      Component(type: .kafka, count: kafka, cpuLimit: "1-4", memoryLimit: "10GB"),
      Component(type: .elasticsearch, count: elasticsearch, cpuLimit: "1-4", memoryLimit: "20GB"),
      Component(type: .flow, count: flow, cpuLimit: "0-2", memoryLimit: "500MB"),
      Component(type: .kibana, count: 1, cpuLimit: "0-2", memoryLimit: "500MB"),
    ]
  }
}

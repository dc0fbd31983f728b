import BaritoService
import Kafka
import Settings

/// What an operator decides about the Provisioner.
struct ProvisionerConfiguration: Sendable {
  enum DriverChoice: String, CaseIterable, SettingValue { case local, pathfinder }

  struct Pathfinder: Sendable {
    var url: String
    var token: String
    var settings: PathfinderSettings
  }

  enum DriverSettings: Sendable {
    case local(LocalSettings)
    case pathfinder(Pathfinder)
  }

  var kafka: KafkaConfiguration
  var marketURL: String
  var serviceToken: String
  var routerURL: String
  var driver: DriverSettings
  var limits: ProvisioningRun.Limits
  var pollInterval: Duration
  var verifyTimeout: Duration
  var concurrent: Int
  /// Zero is no canary.
  var canaryInterval: Duration
  var snapshotPath: String?

  static let kafkaBrokers = Setting(
    "kafka.brokers", String.self, default: "127.0.0.1:9092",
    "The platform's own Kafka, where requests come from and events go.")
  static let consumerGroup = Setting(
    "kafka.group", String.self, default: "barito-provisioner", "The consumer group that all Provisioners share.")
  static let routerAddress = Setting(
    "router.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:8081"),
    "Where the Router takes lines in; a new cluster is proved through it.")
  static let driverName = Setting(
    "driver", DriverChoice.self, default: .local,
    "What makes clusters: this machine's Kafka and Elasticsearch for all, or Pathfinder.")
  static let localBrokers = Setting(
    "local.kafka.brokers", String?.self, default: nil, "Driver local: the groups' Kafka; empty is kafka.brokers.")
  static let localElasticsearch = Setting(
    "local.elasticsearch.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:9200"),
    "Driver local: the groups' Elasticsearch or OpenSearch.")
  static let localKibana = Setting(
    "local.kibana.url", ServiceURL?.self, default: nil, "Driver local: the groups' Kibana; empty is none.")
  static let localPartitions = Setting(
    "local.partitions", Int?.self, default: nil, "Driver local: partitions of a topic; empty is the template's.",
    check: { $0.map { (1...1000).contains($0) } ?? true ? nil : SettingFault("is out of range", remedy: "1 to 1000") })
  static let localReplication = Setting(
    "local.replication-factor", Int.self, in: 1...15, default: 1, "Driver local: replicas of a topic.")
  static let pathfinderURL = Setting(
    "pathfinder.url", ServiceURL?.self, default: nil, "Driver pathfinder: where Pathfinder is.")
  static let pathfinderToken = Setting(
    "pathfinder.token", String?.self, default: nil, secret: true,
    "Driver pathfinder: the token of an external application there.")
  static let pathfinderCluster = Setting(
    "pathfinder.cluster", String.self, default: "barito", "Driver pathfinder: the cluster of nodes to use.")
  static let cookbooksURL = Setting(
    "pathfinder.cookbooks-url", String.self,
    default: "https://github.com/BaritoLog/chef-repo/archive/master.tar.gz",
    "Driver pathfinder: the archive of cookbooks that containers are set up with.")
  static let image = Setting(
    "pathfinder.image", String.self, default: "ubuntu/18.04",
    "Driver pathfinder: alias of the LXC image; {component} in it becomes the kind of component.")
  static let imageRemote = Setting(
    "pathfinder.image-remote", String.self, default: "barito-registry",
    "Driver pathfinder: the registry that images are pulled from.")
  static let imageFingerprint = Setting(
    "pathfinder.image-fingerprint", String.self, default: "",
    "Driver pathfinder: pins the image; empty takes what the alias names.")
  static let verify = Setting(
    "verify.timeout", Duration.self, in: .seconds(1)...(.seconds(86400)), default: .seconds(300),
    "How long a new cluster has until a line has come through it.")
  static let poll = Setting(
    "poll.interval", Duration.self, in: .milliseconds(10)...(.seconds(300)), default: .seconds(5),
    "How often the state of a cluster in the making is asked for.")
  static let component = Setting(
    "component.timeout", Duration.self, in: .seconds(1)...(.seconds(86400)), default: .seconds(1800),
    "After so long without any change components count as stuck, and a driver that fails as gone.")
  static let componentRetries = Setting(
    "component.retries", Int.self, in: 0...20, default: 3, "How often a component that failed is tried again.")
  static let requestsConcurrent = Setting(
    "requests.concurrent", Int.self, in: 1...64, default: 4, "Clusters that are worked on at once.")

  static let canary = Setting(
    "canary.interval", Duration.self, in: .zero...(.seconds(3600)), default: .seconds(30),
    "How often a line is sent through every active group to measure its way; 0s sends none.")

  static let settings: [any DeclaredSetting] = [
    kafkaBrokers, consumerGroup, CommonSettings.kafkaProperties, CommonSettings.marketURL, CommonSettings.serviceToken,
    routerAddress, driverName, localBrokers, localElasticsearch, localKibana, localPartitions, localReplication,
    pathfinderURL, pathfinderToken, pathfinderCluster, cookbooksURL, image, imageRemote, imageFingerprint, verify, poll,
    component, componentRetries, requestsConcurrent, canary, CommonSettings.snapshotPath,
  ]

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    kafka = KafkaConfiguration(
      brokers: settings[Self.kafkaBrokers], clientID: "barito-provisioner",
      properties: settings[CommonSettings.kafkaProperties])
    kafka.consumer.group = settings[Self.consumerGroup]
    marketURL = settings[CommonSettings.marketURL].text
    serviceToken = settings[CommonSettings.serviceToken]
    routerURL = settings[Self.routerAddress].text
    limits = ProvisioningRun.Limits(
      componentTimeout: settings[Self.component], retries: settings[Self.componentRetries])
    pollInterval = settings[Self.poll]
    verifyTimeout = settings[Self.verify]
    concurrent = settings[Self.requestsConcurrent]
    canaryInterval = settings[Self.canary]
    snapshotPath = settings[CommonSettings.snapshotPath]
    driver =
      switch settings[Self.driverName] {
      case .local: .local(Self.local(settings))
      case .pathfinder: .pathfinder(Self.pathfinder(settings))
      }
    let isLocal = settings[Self.driverName] == .local
    try settings.verify { rules in
      rules.require(
        isLocal || settings[Self.pathfinderURL] != nil, Self.pathfinderURL, "is missing",
        remedy: "give the address of Pathfinder, or set driver to local")
      rules.require(
        isLocal || settings[Self.pathfinderToken] != nil, Self.pathfinderToken, "is missing",
        remedy: "give the token of an external application of Pathfinder")
    }
  }

  private static func local(_ settings: SettingsReader) -> LocalSettings {
    LocalSettings(
      kafkaBrokers: settings[localBrokers] ?? settings[kafkaBrokers],
      elasticsearchURL: settings[localElasticsearch].text, kibanaURL: settings[localKibana]?.text,
      partitions: settings[localPartitions], replicationFactor: settings[localReplication])
  }

  private static func pathfinder(_ settings: SettingsReader) -> Pathfinder {
    Pathfinder(
      url: settings[pathfinderURL]?.text ?? "", token: settings[pathfinderToken] ?? "",
      settings: PathfinderSettings(
        cluster: settings[pathfinderCluster], cookbooksURL: settings[cookbooksURL], image: settings[image],
        remote: settings[imageRemote], fingerprint: settings[imageFingerprint]))
  }

  /// The consumer of requests: a topic that is made later is noticed within seconds.
  var consumerKafka: KafkaConfiguration {
    var consumer = kafka
    consumer.consumer.autoOffsetReset = .earliest
    consumer.consumer.queuedKilobytes = 1024
    consumer.properties = ["topic.metadata.refresh.interval.ms": "5000"]
      .merging(kafka.properties) { _, given in given }
    return consumer
  }
}

import BaritoCore
import BaritoService
import Kafka
import Settings

/// What an operator decides about Flow.
struct FlowConfiguration: Sendable {
  var kafka: KafkaConfiguration
  var naming: TopicNaming
  var elasticsearchURL: String
  var elasticsearchAuthorization: String?
  var elasticsearchTimeout: Duration
  var limits: BatchLimits
  var concurrency: Int
  var slow: Duration
  var shards: Int
  var replicas: Int
  var indexFields: Int
  var retention: RetentionConfiguration
  var marketURL: String
  var serviceToken: String
  var snapshotPath: String?
  var platformBrokers: String

  static let kafkaBrokers = Setting(
    "kafka.brokers", String.self, default: "127.0.0.1:9092", "The Kafka of the group, or the shared one.")
  static let platformKafkaBrokers = Setting(
    "platform.kafka.brokers", String?.self, default: nil,
    "The platform's own Kafka, where usage is reported; empty is kafka.brokers.")
  static let consumerGroup = Setting(
    "kafka.group", String.self, default: "barito-flow", "The consumer group that all Flows of a cluster share.")
  static let topicPrefix = Setting(
    "topic.prefix", String.self, default: "", "Only topics that begin so are read.")
  static let topicSuffix = Setting(
    "topic.suffix", String.self, default: "_logs", "Only topics that end so are read; the index has no suffix.")
  static let elasticsearchAddress = Setting(
    "elasticsearch.url", ServiceURL.self, default: CommonSettings.url("http://127.0.0.1:9200"),
    "Elasticsearch or OpenSearch.")
  static let authorization = Setting(
    "elasticsearch.authorization", String?.self, default: nil, secret: true,
    "The Authorization header for Elasticsearch, such as: ApiKey …, or Basic ….")
  static let timeout = Setting(
    "elasticsearch.timeout", Duration.self, default: .seconds(60), "How long a bulk request may take.")
  static let indexShards = Setting("index.shards", Int.self, in: 1...64, default: 1, "Primary shards of a day's index.")
  static let indexReplicas = Setting("index.replicas", Int.self, in: 0...5, default: 0, "Replicas of a day's index.")
  static let fields = Setting(
    "index.fields", Int.self, in: 100...100_000, default: 2_000,
    "How many fields a day's index may have, sub-fields counted: an app's budget.")
  static let bulkRecords = Setting(
    "bulk.records", Int.self, in: 1...100_000, default: 5_000, "Records in a batch.")
  static let bulkBytes = Setting("bulk.bytes", ByteCount.self, default: .mebibytes(8), "Bytes of records in a batch.")
  static let bulkAge = Setting(
    "bulk.age", Duration.self, default: .milliseconds(50), "How long a batch waits for more, from its first record on.")
  static let bulkConcurrency = Setting(
    "bulk.concurrency", Int.self, in: 1...64, default: 4,
    "Batches that may be under way at once; it is fewer while Elasticsearch has more to do than it can.")
  static let bulkSlow = Setting(
    "bulk.slow", Duration.self, default: .seconds(5), "A bulk request that takes longer is a sign of overload.")

  static let settings: [any DeclaredSetting] =
    [
      kafkaBrokers, platformKafkaBrokers, consumerGroup, topicPrefix, topicSuffix, elasticsearchAddress, authorization,
      timeout, indexShards, indexReplicas, fields, bulkRecords, bulkBytes, bulkAge, bulkConcurrency, bulkSlow,
      CommonSettings.kafkaProperties,
      CommonSettings.marketURL, CommonSettings.serviceToken, CommonSettings.snapshotPath,
    ] + RetentionConfiguration.settings

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    kafka = KafkaConfiguration(
      brokers: settings[Self.kafkaBrokers], clientID: "barito-flow",
      properties: settings[CommonSettings.kafkaProperties])
    kafka.consumer.group = settings[Self.consumerGroup]
    naming = TopicNaming(prefix: settings[Self.topicPrefix], suffix: settings[Self.topicSuffix])
    elasticsearchURL = settings[Self.elasticsearchAddress].text
    elasticsearchAuthorization = settings[Self.authorization]
    elasticsearchTimeout = settings[Self.timeout]
    limits = BatchLimits(
      count: settings[Self.bulkRecords], bytes: settings[Self.bulkBytes].bytes, age: settings[Self.bulkAge])
    concurrency = settings[Self.bulkConcurrency]
    slow = settings[Self.bulkSlow]
    shards = settings[Self.indexShards]
    replicas = settings[Self.indexReplicas]
    indexFields = settings[Self.fields]
    retention = RetentionConfiguration(settings)
    marketURL = settings[CommonSettings.marketURL].text
    serviceToken = settings[CommonSettings.serviceToken]
    snapshotPath = settings[CommonSettings.snapshotPath]
    platformBrokers = settings[Self.platformKafkaBrokers] ?? settings[Self.kafkaBrokers]
  }

  /// The consumer of records.
  var readerKafka: KafkaConfiguration {
    var reader = kafka
    reader.consumer.autoOffsetReset = .earliest
    // Little is read ahead, or a line of a topic that is not behind waits for all that.
    reader.consumer.queuedKilobytes = 4096
    // The partitions of a Flow that was killed go to another, or to its next life, within this.
    reader.consumer.sessionTimeout = .seconds(10)
    reader.properties = [
      // All members follow a change of topics within a second.
      "heartbeat.interval.ms": "500",
      // What is fetched at once, of one partition and of all, as it is compressed: lines inflate to ten times that.
      "max.partition.fetch.bytes": "262144", "fetch.max.bytes": "4194304",
    ].merging(kafka.properties) { _, given in given }
    return reader
  }

  /// The watcher's consumer: in no group, so that every Flow hears of every topic.
  var watcherKafka: KafkaConfiguration {
    var watcher = kafka
    watcher.consumer.group = nil
    watcher.clientID = "barito-flow-topics"
    return watcher
  }
}

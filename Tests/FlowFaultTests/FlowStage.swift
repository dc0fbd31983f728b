import BaritoCore
import BaritoService
import FaultKit
import Kafka
import TestKit

/// What one test has of its own on servers that tests share: apps, their topics, a consumer group.
struct FlowStage: Sendable {
  let brokers: String
  let elasticsearch: String
  /// Nobody else's.
  let naming: TopicNaming
  let group: String
  let apps: [String]
  let partitions: Int

  /// Makes the topics.
  init(_ servers: FlowServers, apps: [String] = ["shop", "desk"], partitions: Int = 2) async throws {
    brokers = servers.kafka.brokers
    elasticsearch = servers.elasticsearch.url
    naming = TopicNaming(prefix: "t\(UInt32.random(in: 0 ... .max)).")
    group = "flow-\(naming.prefix)"
    self.apps = apps
    self.partitions = partitions
    let admin = try KafkaAdmin(configuration)
    for topic in topics { _ = try await admin.createTopic(topic, partitions: partitions) }
    await admin.close()
  }

  var topics: [String] { apps.map { naming.topic(for: $0) } }

  /// For clients that read what is there.
  var configuration: KafkaConfiguration { KafkaConfiguration(brokers: brokers, clientID: "oracle") }

  var topicPartitions: [TopicPartition] {
    topics.flatMap { topic in (0..<partitions).map { TopicPartition(topic, Int32($0)) } }
  }

  /// What Flow would have heard from Market.
  var profiles: ProfilePage {
    let endpoints = ClusterEndpoints(kafkaBrokers: brokers, elasticsearchURL: elasticsearch)
    let cluster = ClusterName("haza")
    let group = GroupProfile(
      clusterName: cluster, name: "haza", status: .active, secrets: [], cluster: endpoints, limits: .unlimited)
    let apps = apps.enumerated().map { number, name in
      AppProfile(
        id: AppID(Int64(number + 1)), clusterName: cluster, name: name, topicName: name, status: .active,
        secrets: [SecretHash(of: "secret-\(name)")], limits: .unlimited, overload: .refuse, isProbe: false)
    }
    return ProfilePage(version: 1, groups: [group], apps: apps)
  }
}

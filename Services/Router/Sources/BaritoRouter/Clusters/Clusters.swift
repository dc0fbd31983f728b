import BaritoCore
import Kafka
import Logging
import Synchronization

/// Every Kafka cluster that this Router sends to, by its brokers; made when the first line for it comes.
final class Clusters: Sendable {
  private let clusters = Mutex<[String: GroupKafka]>([:])
  private let template: KafkaConfiguration
  private let patience: Duration
  private let logger: Logger

  /// - Parameters:
  ///   - template: everything but the brokers.
  ///   - patience: silence of a topic after which requests for it are refused, those that wait too.
  init(_ template: KafkaConfiguration, patience: Duration = .seconds(1), logger: Logger) {
    self.template = template
    self.patience = patience
    self.logger = logger
  }

  subscript(endpoints: ClusterEndpoints) -> GroupKafka {
    clusters.withLock { clusters in
      if let known = clusters[endpoints.kafkaBrokers] { return known }
      var configuration = template
      configuration.brokers = endpoints.kafkaBrokers
      let made = GroupKafka(configuration, patience: patience, logger: logger)
      clusters[endpoints.kafkaBrokers] = made
      return made
    }
  }

  /// Topics that something is kept for, by the brokers of their cluster.
  var topics: [String: Set<String>] { clusters.withLock { $0.mapValues(\.topics) } }

  /// Closes the clusters that are no more, and forgets topics of the others.
  /// - Parameter topics: all topics of apps, by the brokers of their cluster.
  func keep(_ topics: [String: Set<String>]) async {
    let gone = clusters.withLock { clusters in
      let gone = clusters.filter { topics[$0.key] == nil }
      for brokers in gone.keys { clusters[brokers] = nil }
      for (brokers, cluster) in clusters { cluster.keep(topics[brokers] ?? []) }
      return gone.values
    }
    await withDiscardingTaskGroup { group in
      for cluster in gone { group.addTask { await cluster.close(within: .seconds(30)) } }
    }
  }

  /// Clusters that have a producer or had one.
  var count: Int { clusters.withLock { $0.count } }

  /// Topics that Kafka does not answer for now.
  var silentTopics: Int { clusters.withLock { $0.values.reduce(0) { $0 + $1.silentTopics } } }

  /// Sends what is still on its way, in all clusters at once.
  func close(within deadline: Duration) async {
    let all = clusters.withLock { Array($0.values) }
    await withDiscardingTaskGroup { group in
      for cluster in all { group.addTask { await cluster.close(within: deadline) } }
    }
  }
}

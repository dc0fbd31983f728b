/// How topics and indices of a group are named: `<prefix><topic_name><suffix>` in Kafka, and the same without the
/// suffix as the index prefix in Elasticsearch.
///
/// So the index follows from the topic alone, and Flow needs no profile to index a record. Groups that share one Kafka
/// and Elasticsearch have the prefix `<cluster_name>.`; a cluster name holds no dot, so no two apps can meet.
public struct TopicNaming: Sendable, Hashable, Codable {
  public var prefix: String
  public var suffix: String

  public init(prefix: String = "", suffix: String = "_logs") {
    self.prefix = prefix
    self.suffix = suffix
  }

  public static func shared(by cluster: ClusterName) -> TopicNaming { TopicNaming(prefix: "\(cluster).") }

  public func topic(for topicName: String) -> String { prefix + topicName + suffix }
  public func indexPrefix(for topicName: String) -> String { prefix + topicName }

  /// The index prefix of a topic's documents; nil for a topic that holds no app's lines.
  public func indexPrefix(ofTopic topic: String) -> String? {
    guard topic.hasPrefix(prefix), topic.hasSuffix(suffix), topic.utf8.count > prefix.utf8.count + suffix.utf8.count
    else { return nil }
    return String(topic.dropLast(suffix.count))
  }
}

/// Topics that are the platform's own.
public enum PlatformTopic {
  /// Value: the full name of a topic that was just made. Written by the Router, read by every Flow.
  public static let newTopicEvents = "new_topic_events"
  public static let provisioningRequests = "barito_provisioning_requests"
  public static let provisioningEvents = "barito_provisioning_events"
  public static let usage = "barito_usage"
}

/// Headers of Kafka records whose batch or document was named by its sender. A record without them is identified by where
/// it lies.
public enum RecordHeader {
  /// The `X-Barito-Batch-Id` of the request, as sent.
  public static let batchID = "barito-batch-id"
  /// The `X-Barito-Batch-Time` of the request in ms since 1970, decimal.
  public static let batchTime = "barito-batch-time"
  /// The place of the line in its batch, from 0, decimal.
  public static let batchItem = "barito-batch-item"
  /// The id that the sender gave the document.
  public static let documentID = "barito-document-id"
  /// Set by the first Barito where the value is not a `Timber`: `TimberCollection`.
  public static let messageFormat = "message_format"
}

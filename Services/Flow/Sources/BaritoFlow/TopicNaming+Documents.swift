import BaritoCore

extension TopicNaming {
  /// The index prefix of a topic's documents; nil for topics of the platform and of Kafka itself, which hold none even
  /// where every name would do as an app's.
  func documentPrefix(ofTopic topic: String) -> String? {
    switch topic {
    case PlatformTopic.newTopicEvents, PlatformTopic.provisioningRequests, PlatformTopic.provisioningEvents,
      PlatformTopic.usage, "__consumer_offsets", "__transaction_state":
      nil
    default: indexPrefix(ofTopic: topic)
    }
  }

  /// The topic whose documents an index holds, for what is counted by topic.
  func topic(ofIndex index: String) -> String {
    (IndexDay(index)?.prefix ?? index) + suffix
  }
}

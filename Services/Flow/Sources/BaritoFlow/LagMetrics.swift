import Metrics
import Synchronization

/// How far the group is behind, by topic. Names are Flow's README's.
final class LagMetrics: Sendable {
  private let records: GaugeFamily
  private let seconds: GaugeFamily
  private let ends: GaugeFamily
  private let topics = Mutex<Set<String>>([])

  /// More topics than this are counted as one, `other`.
  static let maximumTopics = 10_000

  init(_ registry: MetricsRegistry) {
    records = registry.gauges(
      "barito_flow_lag_records", "Records of a topic that are not finished yet, of the whole group.", labels: ["topic"],
      maximum: LagMetrics.maximumTopics)
    seconds = registry.gauges(
      "barito_flow_lag_seconds", "Age of a topic's oldest record that is not finished, of the whole group.",
      labels: ["topic"], maximum: LagMetrics.maximumTopics)
    ends = registry.gauges(
      "barito_flow_topic_records", "Records that a topic ever got.", labels: ["topic"],
      maximum: LagMetrics.maximumTopics)
  }

  /// Shows these, and nothing of topics that are gone.
  func set(_ lags: [String: LagAccount.Lag]) {
    let gone = topics.withLock { topics in
      defer { topics = Set(lags.keys) }
      return topics.subtracting(lags.keys)
    }
    for topic in gone {
      records.remove(topic)
      seconds.remove(topic)
      ends.remove(topic)
    }
    for (topic, lag) in lags {
      records[topic].set(Double(lag.records))
      ends[topic].set(Double(lag.end))
      if let age = lag.seconds { seconds[topic].set(age) } else { seconds.remove(topic) }
    }
  }
}

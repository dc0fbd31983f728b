import Metrics

/// What Flow counts about mappings, by topic.
struct MappingMetrics: Sendable {
  private let diverted: CounterFamily
  private let fields: GaugeFamily
  private let used: GaugeFamily

  /// Topics that are told apart.
  static let maximumTopics = 2_000

  init(_ registry: MetricsRegistry) {
    diverted = registry.counters(
      "barito_flow_diverted_documents_total",
      "Documents that were indexed with fields moved into the side field, because the mapping did not take them.",
      labels: ["topic"], maximum: MappingMetrics.maximumTopics)
    fields = registry.gauges(
      "barito_flow_mapped_fields", "Fields of today's index; told by the elected Flow.", labels: ["topic"],
      maximum: MappingMetrics.maximumTopics)
    used = registry.gauges(
      "barito_flow_field_budget_used_ratio", "Fields of today's index, of those that it may have.", labels: ["topic"],
      maximum: MappingMetrics.maximumTopics)
  }

  func diverted(_ topic: String, _ documents: Int) { diverted[topic].increment(by: documents) }

  func mapped(_ topic: String, _ count: Int, of budget: Int) {
    fields[topic].set(count)
    used[topic].set(Double(count) / Double(budget))
  }

  func forget(_ topic: String) {
    fields.remove(topic)
    used.remove(topic)
  }
}

import Metrics

/// What Flow counts about deleted indices.
struct RetentionMetrics: Sendable {
  let deleted: Counter
  let errors: Counter

  init(_ registry: MetricsRegistry) {
    deleted = registry.counter(
      "barito_flow_retention_deleted_indices_total", "Indices that were deleted because their app's days are over.")
    errors = registry.counter(
      "barito_flow_retention_errors_total",
      "Rounds of deleting that failed, wholly or in part; the next one tries again.")
  }
}

internal import HTTP
internal import Metrics

/// What Market counts. Names are the README's.
struct MarketMetrics: Sendable {
  private let requests: CounterFamily
  private let duration: Histogram
  private let outboxSentMessages: Counter
  private let outboxFailures: Counter
  private let appliedRecords: CounterFamily
  private let poisonedRecords: CounterFamily
  private let pruneFailures: Counter

  init(_ registry: MetricsRegistry) {
    requests = registry.counters(
      "barito_market_requests_total", "Requests answered, by route and status.", labels: ["route", "status"],
      maximum: 1_000)
    duration = registry.histogram(
      "barito_market_request_duration_seconds", "Time from a request's headers to the end of its answer.",
      buckets: .seconds)
    outboxSentMessages = registry.counter(
      "barito_market_outbox_sent_records_total", "Messages of the outbox that Kafka has acknowledged.")
    outboxFailures = registry.counter(
      "barito_market_outbox_failures_total", "Attempts to send the outbox that failed and will be repeated.")
    appliedRecords = registry.counters(
      "barito_market_received_records_total", "Records of provisioning events and usage that were dealt with.",
      labels: ["topic"])
    poisonedRecords = registry.counters(
      "barito_market_discarded_records_total", "Records that could not be applied and were passed by.",
      labels: ["topic"])
    pruneFailures = registry.counter(
      "barito_market_housekeeping_failures_total", "Attempts to forget what is over that failed.")
  }

  func finished(_ exchange: FinishedExchange) {
    requests[exchange.pattern.isEmpty ? "none" : exchange.pattern, "\(exchange.status)"].increment()
    duration.observe(exchange.duration)
  }

  func outboxSent(_ count: Int) { outboxSentMessages.increment(by: count) }
  func outboxFailed() { outboxFailures.increment() }
  var outboxFailureCount: Int { outboxFailures.value }

  func applied(_ records: [InboxRecord]) {
    for record in records { appliedRecords[record.topic].increment() }
  }

  /// Records dealt with, of all topics.
  var appliedCount: Int { appliedRecords.all.values.reduce(0) { $0 + $1.value } }

  func poisoned(_ topic: String) { poisonedRecords[topic].increment() }
  func housekeepingFailed() { pruneFailures.increment() }
}

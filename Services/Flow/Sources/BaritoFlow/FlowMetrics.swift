import Kafka
import Metrics
import Redaction

/// What Flow counts. Names are Flow's README's.
struct FlowMetrics: Sendable {
  private let received: Counter
  private let receivedBytes: Counter
  private let indexed: Counter
  private let duplicates: Counter
  private let quarantined: CounterFamily
  private let retries: Counter
  private let bulkDuration: Histogram
  private let bulkItems: Histogram
  private let age: Histogram
  private let parkedLanes: GaugeFamily
  private let restingTopics: Gauge
  private let batchesUnderWay: Gauge
  private let bulkConcurrency: Gauge
  let mapping: MappingMetrics
  let retention: RetentionMetrics
  private let redactions: CounterFamily
  private let redactionStrikes: CounterFamily

  /// Label sets of topics and their rules.
  private static let mostRules = 10_000

  /// - Parameter off: the rules that are switched off now.
  init(_ registry: MetricsRegistry, off: @escaping @Sendable () -> [(topic: String, rule: String)] = { [] }) {
    received = registry.counter("barito_flow_received_records_total", "Records read from Kafka, repeated ones too.")
    receivedBytes = registry.counter("barito_flow_received_bytes_total", "Bytes of records read from Kafka.")
    indexed = registry.counter("barito_flow_indexed_documents_total", "Documents that Elasticsearch created.")
    duplicates = registry.counter(
      "barito_flow_duplicate_documents_total", "Documents that were there already: indexed before a crash or time-out.")
    quarantined = registry.counters(
      "barito_flow_quarantined_documents_total", "Entries made in the quarantine, by topic and what was wrong.",
      labels: ["topic", "type"], maximum: 2_000)
    retries = registry.counter(
      "barito_flow_bulk_retries_total", "Bulk requests that were sent again, wholly or in part.")
    bulkDuration = registry.histogram(
      "barito_flow_bulk_duration_seconds", "Time until Elasticsearch answered a bulk request.", buckets: .seconds)
    bulkItems = registry.histogram("barito_flow_bulk_documents", "Documents in a bulk request.", buckets: .counts)
    age = registry.histogram(
      "barito_flow_record_age_seconds", "Age of a batch's oldest record when it was read.", buckets: .longSeconds)
    parkedLanes = registry.gauges(
      "barito_flow_parked_lanes", "Partitions that wait because their own index takes no documents, by cause.",
      labels: ["cause"])
    for cause in ParkCause.allCases { parkedLanes[cause.rawValue].set(0) }
    restingTopics = registry.gauge(
      "barito_flow_resting_topics", "Topics that are behind and let others that are behind go first.")
    batchesUnderWay = registry.gauge("barito_flow_batches", "Batches that are under way.")
    bulkConcurrency = registry.gauge(
      "barito_flow_bulk_concurrency", "Batches that may be under way, as Elasticsearch can take them.")
    mapping = MappingMetrics(registry)
    retention = RetentionMetrics(registry)
    redactions = registry.counters(
      "barito_flow_redactions_total", "Places that redaction rules took out of records, by topic and rule.",
      labels: ["topic", "rule"], maximum: FlowMetrics.mostRules)
    redactionStrikes = registry.counters(
      "barito_flow_redaction_strikes_total",
      "Values that were hidden whole because a rule could not be done with them in its bounds, by topic and rule.",
      labels: ["topic", "rule"], maximum: FlowMetrics.mostRules)
    registry.gauges(
      "barito_flow_redaction_rules_off", "1 for each rule that is switched off because it costs too much.",
      labels: ["topic", "rule"]
    ) { off().map { ([$0.topic, $0.rule], 1) } }
  }

  func redacted(_ tallies: [RedactionTally], _ redactors: [Redactor?], of topics: [String]) {
    for (topic, (tally, redactor)) in zip(topics, zip(tallies, redactors)) {
      guard let redactor, !tally.isEmpty else { continue }
      for (rule, count) in zip(redactor.names, tally.redacted) where count > 0 {
        redactions[topic, rule].increment(by: count)
      }
      for (rule, count) in zip(redactor.names, tally.struck) where count > 0 {
        redactionStrikes[topic, rule].increment(by: count)
      }
    }
  }

  func parked(_ lanes: [ParkCause: Int]) {
    for cause in ParkCause.allCases { parkedLanes[cause.rawValue].set(lanes[cause] ?? 0) }
  }

  func resting(_ topics: Int) { restingTopics.set(topics) }
  func underWay(_ batches: Int) { batchesUnderWay.set(batches) }
  func concurrency(_ batches: Int) { bulkConcurrency.set(batches) }

  /// - Parameter now: milliseconds since 1970.
  func received(_ batch: RecordBatch, now: Int64) {
    received.increment(by: batch.count)
    receivedBytes.increment(by: batch.byteCount)
    let oldest = batch.records.lazy.map(\.timestamp).filter { $0 > 0 }.min()
    if let oldest { age.observe(Double(max(0, now - oldest)) / 1000) }
  }

  func bulk(_ request: BulkRequest, nanoseconds: UInt64) {
    bulkDuration.observe(Double(nanoseconds) / 1e9)
    bulkItems.observe(request.count)
  }

  func retrying() { retries.increment() }

  func settled(_ topic: String, _ tally: BatchSettlement.Tally) {
    indexed.increment(by: tally.indexed)
    duplicates.increment(by: tally.duplicates)
    for (kind, count) in tally.refusals { quarantined[topic, kind.rawValue].increment(by: count) }
  }
}

import Kafka
import Metrics

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

  init(_ registry: MetricsRegistry) {
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
      "barito_flow_parked_lanes", "Partitions that wait for their own index, by worker.", labels: ["worker"])
  }

  func parked(_ worker: Int, _ lanes: Int) { parkedLanes["\(worker)"].set(Double(lanes)) }

  /// - Parameter now: milliseconds since 1970.
  func received(_ batch: RecordBatch, now: Int64) {
    received.increment(by: batch.count)
    receivedBytes.increment(by: batch.byteCount)
    if let oldest = batch.records.first?.timestamp, oldest > 0 { age.observe(Double(max(0, now - oldest)) / 1000) }
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

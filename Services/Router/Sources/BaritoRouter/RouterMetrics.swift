import BaritoCore
import HTTP
import Metrics

/// What the Router counts. Names are the Router's README's.
struct RouterMetrics: Sendable {
  /// What came by one protocol.
  struct Source: Sendable {
    fileprivate let lines: Counter
    fileprivate let bytes: Counter
  }

  private let lines: CounterFamily
  private let bytes: CounterFamily
  private let stamped: Counter
  private let wrapped: Counter
  private let repairs: Counter
  private let refusals: [Refusal.Code: Counter]
  private let requests: CounterFamily
  private let durations: HistogramFamily

  private let bodyLimit: Int

  /// - Parameter bodyLimit: of the body as it is sent, in bytes.
  init(_ registry: MetricsRegistry, bodyLimit: Int) {
    self.bodyLimit = bodyLimit
    lines = registry.counters(
      "barito_router_accepted_lines_total", "Lines that are safe in Kafka, by protocol.", labels: ["protocol"])
    bytes = registry.counters(
      "barito_router_accepted_bytes_total", "Bytes of documents that are safe in Kafka, by protocol.",
      labels: ["protocol"])
    stamped = registry.counter(
      "barito_router_stamped_lines_total", "Lines that came without @timestamp and were given one.")
    wrapped = registry.counter(
      "barito_router_wrapped_lines_total", "Lines that were no JSON objects and were stored as a message.")
    repairs = registry.counter(
      "barito_router_repaired_characters_total", "Byte sequences that were not UTF-8 and became U+FFFD.")
    let family = registry.counters(
      "barito_router_refused_requests_total", "Requests refused, by the code of their problem document.",
      labels: ["code"])
    refusals = Dictionary(uniqueKeysWithValues: Refusal.Code.allCases.map { ($0, family[$0.rawValue]) })
    requests = registry.counters(
      "barito_router_http_requests_total", "Requests answered, by route and status.", labels: ["route", "status"],
      maximum: 200)
    durations = registry.histograms(
      "barito_router_ingest_duration_seconds", "From a request's first byte to its answer's last, by route.",
      buckets: .seconds, labels: ["route"])
  }

  /// The counters of a protocol.
  func source(_ name: String) -> Source { Source(lines: lines[name], bytes: bytes[name]) }

  func accepted(_ batch: BatchCount, by source: Source) {
    source.lines.increment(by: batch.lines)
    source.bytes.increment(by: batch.bytes)
    if batch.stamped > 0 { stamped.increment(by: batch.stamped) }
    if batch.wrapped > 0 { wrapped.increment(by: batch.wrapped) }
    if batch.repairs > 0 { repairs.increment(by: batch.repairs) }
  }

  func refused(_ code: Refusal.Code) { refusals[code]?.increment() }

  /// - Parameter isIngest: whether lines are taken in there.
  func finished(_ exchange: FinishedExchange, isIngest: Bool) {
    requests[exchange.pattern.isEmpty ? "none" : exchange.pattern, "\(exchange.status)"].increment()
    guard isIngest else { return }
    durations[exchange.pattern].observe(exchange.duration)
    // A body of unknown length that went past the limit: the server refused it before anybody here saw it.
    if exchange.status == 413, exchange.bytesIn > bodyLimit { refused(.bodyTooLarge) }
  }
}

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
  private let absorbedLines: Counter
  private let absorbedBytes: Counter
  private let late: Counter
  private let limited: CounterFamily
  private let refusals: [Refusal.Code: Counter]
  private let refusedLines: CounterFamily
  private let requests: CounterFamily
  private let durations: HistogramFamily

  private let bodyLimit: Int

  /// - Parameters:
  ///   - bodyLimit: of the body as it is sent, in bytes.
  ///   - limiter: what it keeps is looked at whenever metrics are read; so are `inMemory` and `clusters`.
  init(
    _ registry: MetricsRegistry, bodyLimit: Int, limiter: IngestLimiter = IngestLimiter(),
    inMemory: AppBytes = AppBytes(),
    clusters: Clusters? = nil
  ) {
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
    absorbedLines = registry.counter(
      "barito_router_absorbed_lines_total", "Lines over a limit that were taken all the same, as their app asks for.")
    absorbedBytes = registry.counter(
      "barito_router_absorbed_bytes_total", "Bytes of documents over a limit that were taken all the same.")
    late = registry.counter(
      "barito_router_late_lines_total", "Lines that Kafka took after their request was refused, for it was silent.")
    limited = registry.counters(
      "barito_router_limited_requests_total", "Requests over a limit and refused, by whose it was and its unit.",
      labels: ["holder", "unit"])
    registry.gauge("barito_router_sharing_routers", "Routers that share limits, as Market counts them.") {
      Double(limiter.routers)
    }
    registry.gauge("barito_router_limited_apps", "Apps whose sending is measured against a limit now.") {
      Double(limiter.count)
    }
    registry.gauge("barito_router_promised_batches", "Refused batches that have a place kept for them.") {
      Double(limiter.promised)
    }
    registry.gauge("barito_router_bytes_in_flight", "Bytes of bodies being read and of lines on their way to Kafka.") {
      Double(inMemory.total)
    }
    registry.gauge("barito_router_silent_topics", "Topics that Kafka does not answer for now.") {
      Double(clusters?.silentTopics ?? 0)
    }
    let family = registry.counters(
      "barito_router_refused_requests_total", "Requests refused, by the code of their problem document.",
      labels: ["code"])
    refusals = Dictionary(uniqueKeysWithValues: Refusal.Code.allCases.map { ($0, family[$0.rawValue]) })
    refusedLines = registry.counters(
      "barito_router_refused_lines_total", "Lines left out of batches whose others were taken, by code.",
      labels: ["code"])
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
    for (code, lines) in batch.refused { refusedLines[code.rawValue].increment(by: lines) }
  }

  /// Over a limit, and on its way to Kafka.
  func absorbed(_ size: BatchSize) {
    absorbedLines.increment(by: size.lines)
    absorbedBytes.increment(by: size.bytes)
  }

  /// Their sender was told that Kafka is silent and will send them again.
  func late(lines: Int) { late.increment(by: lines) }

  func limited(_ excess: IngestLimiter.Excess) { limited[excess.holder.rawValue, excess.unit.rawValue].increment() }

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

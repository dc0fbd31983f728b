import HTTP
import Metrics

/// What Tail counts. Names are those of Tail's README.
struct TailMetrics: Sendable {
  private let started: Counter
  private let lines: Counter
  private let bytes: Counter
  private let filtered: Counter
  private let duplicates: Counter
  private let redacted: Counter
  private let gaps: [Gap.Reason: Counter]
  private let skipped: [Gap.Reason: Counter]
  private let ended: CounterFamily
  private let refusals: [TailRefusal.Code: Counter]
  private let requests: CounterFamily

  init(_ registry: MetricsRegistry, sessions: Sessions) {
    registry.gauge("barito_tail_sessions", "Sessions that run.") { Double(sessions.count) }
    started = registry.counter("barito_tail_sessions_started_total", "Sessions that began.")
    ended = registry.counters(
      "barito_tail_sessions_ended_total", "Sessions that ended, by reason; left is the viewer's own end.",
      labels: ["reason"])
    lines = registry.counter("barito_tail_sent_lines_total", "Lines sent to viewers.")
    bytes = registry.counter("barito_tail_sent_bytes_total", "Bytes sent to viewers, with cursors and heartbeats.")
    filtered = registry.counter("barito_tail_filtered_lines_total", "Lines that viewers asked not to see.")
    duplicates = registry.counter(
      "barito_tail_duplicate_lines_total", "Lines of batches that came twice and were shown once.")
    redacted = registry.counter(
      "barito_tail_redacted_lines_total", "Lines that redaction rules took something out of, for each viewer.")
    let gapFamily = registry.counters("barito_tail_gaps_total", "Gap markers, by reason.", labels: ["reason"])
    let skippedFamily = registry.counters(
      "barito_tail_skipped_lines_total", "Lines that gap markers stand for, by reason.", labels: ["reason"])
    gaps = Dictionary(uniqueKeysWithValues: Gap.Reason.allCases.map { ($0, gapFamily[$0.rawValue]) })
    skipped = Dictionary(uniqueKeysWithValues: Gap.Reason.allCases.map { ($0, skippedFamily[$0.rawValue]) })
    let refusalFamily = registry.counters(
      "barito_tail_refused_requests_total", "Requests refused, by the code of their problem document.",
      labels: ["code"])
    refusals = Dictionary(uniqueKeysWithValues: TailRefusal.Code.allCases.map { ($0, refusalFamily[$0.rawValue]) })
    requests = registry.counters(
      "barito_tail_http_requests_total", "Requests answered, by route and status.", labels: ["route", "status"],
      maximum: 100)
  }

  func began() { started.increment() }
  func ended(_ reason: String) { ended[reason].increment() }
  func refused(_ code: TailRefusal.Code) { refusals[code]?.increment() }

  func redacted(_ lines: Int) { redacted.increment(by: lines) }

  func gap(_ gap: Gap) {
    gaps[gap.reason]?.increment()
    skipped[gap.reason]?.increment(by: Int(gap.lines))
  }

  func sent(_ tally: TailTally) {
    lines.increment(by: tally.lines)
    bytes.increment(by: tally.bytes)
    filtered.increment(by: tally.filtered)
    duplicates.increment(by: tally.duplicates)
  }

  func finished(_ exchange: FinishedExchange) {
    requests[exchange.pattern.isEmpty ? "none" : exchange.pattern, "\(exchange.status)"].increment()
  }
}

/// What a session, or a part of it, amounts to.
struct TailTally: Sendable, Equatable {
  var lines = 0
  var bytes = 0
  var filtered = 0
  var duplicates = 0

  mutating func add(_ other: TailTally) {
    lines += other.lines
    bytes += other.bytes
    filtered += other.filtered
    duplicates += other.duplicates
  }
}

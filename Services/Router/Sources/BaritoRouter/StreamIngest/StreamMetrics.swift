import Metrics
import Streams

/// What is counted of listeners that are not HTTP, by protocol.
struct StreamMetrics: Sendable {
  /// What one listener counts.
  struct Listener: Sendable {
    fileprivate let open: Gauge
    fileprivate let closed: CounterFamily
    fileprivate let pauses: CounterFamily
    fileprivate let lost: Counter
    fileprivate let name: String

    func opened() { open.increment() }
    func ended() { open.decrement() }
    func closed(_ reason: StreamCloseReason) { closed[name, reason.rawValue].increment() }
    func closed(_ code: Refusal.Code) { closed[name, code.rawValue].increment() }
    func lost(_ lines: Int) { lost.increment(by: lines) }
    func paused(_ code: Refusal.Code) { pauses[name, code.rawValue].increment() }
  }

  private let open: GaugeFamily
  private let closed: CounterFamily
  private let pauses: CounterFamily
  private let lost: CounterFamily

  init(_ registry: MetricsRegistry) {
    open = registry.gauges(
      "barito_router_stream_connections", "Connections that are open, by protocol.", labels: ["protocol"])
    closed = registry.counters(
      "barito_router_stream_closed_connections_total", "Connections that ended, by protocol and reason.",
      labels: ["protocol", "reason"], maximum: 200)
    pauses = registry.counters(
      "barito_router_stream_pauses_total",
      "Times that a connection was held back before its batch was tried again, by protocol and the refusal's code.",
      labels: ["protocol", "code"], maximum: 200)
    lost = registry.counters(
      "barito_router_stream_lost_lines_total",
      "Lines that were read from senders that keep nothing, and were given up before Kafka had them, by protocol.",
      labels: ["protocol"])
  }

  func listener(_ name: String) -> Listener {
    Listener(open: open[name], closed: closed, pauses: pauses, lost: lost[name], name: name)
  }
}

import Metrics

/// What is counted of syslog beside what is counted of every protocol.
struct SyslogMetrics: Sendable {
  private let messages: [SyslogMessage.Form: Counter]
  private let truncated: Counter

  init(_ registry: MetricsRegistry) {
    let family = registry.counters(
      "barito_router_syslog_messages_total", "Messages of syslog that were read, by the standard they follow.",
      labels: ["form"])
    messages = Dictionary(uniqueKeysWithValues: SyslogMessage.Form.allCases.map { ($0, family[$0.rawValue]) })
    truncated = registry.counter(
      "barito_router_syslog_truncated_messages_total", "Messages of syslog of which a part was too long to keep.")
  }

  func read(_ form: SyslogMessage.Form) { messages[form]?.increment() }
  func cut() { truncated.increment() }
}

import Synchronization

/// All metrics of a program. Passed to whoever makes metrics; there is no global one.
///
/// Names are checked by `MetricName`, and may be taken once: a mistake there ends the program at its start.
public final class MetricsRegistry: Sendable {
  /// The content type of `render()`.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private struct Entry: Sendable {
    var kind: MetricKind
    var help: String
    var sample: any Sample
  }

  private let entries = Mutex<[String: Entry]>([:])

  public init() {}

  /// - Parameters:
  ///   - name: such as `barito_router_received_lines_total`.
  ///   - help: one sentence.
  public func counter(_ name: String, _ help: String) -> Counter {
    add(name, .counter, help, Counter(name: name, labels: ""))
  }

  /// Counters by labels, at most `maximum` label sets.
  public func counters(_ name: String, _ help: String, labels: [String], maximum: Int = 100) -> CounterFamily {
    add(name, .counter, help, MetricFamily(labels: labels, maximum: maximum) { Counter(name: name, labels: $0) })
  }

  /// A counter kept elsewhere, asked when somebody scrapes.
  public func counter(_ name: String, _ help: String, _ read: @escaping @Sendable () -> Double) {
    _ = add(name, .counter, help, Reading(name: name, labels: []) { [([], read())] })
  }

  public func gauge(_ name: String, _ help: String) -> Gauge {
    add(name, .gauge, help, Gauge(name: name, labels: ""))
  }

  /// Gauges by labels, at most `maximum` label sets.
  public func gauges(_ name: String, _ help: String, labels: [String], maximum: Int = 100) -> GaugeFamily {
    add(name, .gauge, help, MetricFamily(labels: labels, maximum: maximum) { Gauge(name: name, labels: $0) })
  }

  /// A gauge asked for its value when somebody scrapes. Nil leaves it out.
  public func gauge(_ name: String, _ help: String, _ read: @escaping @Sendable () -> Double?) {
    _ = add(name, .gauge, help, Reading(name: name, labels: []) { read().map { [([], $0)] } ?? [] })
  }

  /// Gauges asked for their values when somebody scrapes, each with its label values. The caller bounds their number.
  public func gauges(
    _ name: String, _ help: String, labels: [String],
    _ read: @escaping @Sendable () -> [(labels: [String], value: Double)]
  ) {
    _ = add(name, .gauge, help, Reading(name: name, labels: labels, read: read))
  }

  public func histogram(_ name: String, _ help: String, buckets: Histogram.Buckets) -> Histogram {
    add(name, .histogram, help, Histogram(name: name, labels: "", buckets: buckets))
  }

  /// Histograms by labels, at most `maximum` label sets.
  public func histograms(
    _ name: String, _ help: String, buckets: Histogram.Buckets, labels: [String], maximum: Int = 20
  ) -> HistogramFamily {
    let family = MetricFamily(labels: labels, maximum: maximum) {
      Histogram(name: name, labels: $0, buckets: buckets)
    }
    return add(name, .histogram, help, family)
  }

  /// All names, sorted, with their kinds; for tests that compare them with a document.
  public var names: [(name: String, kind: MetricKind)] {
    entries.withLock { $0.map { ($0.key, $0.value.kind) } }.sorted { $0.0 < $1.0 }
  }

  /// All metrics in Prometheus' text format, sorted by name.
  public func render() -> [UInt8] {
    // Callbacks run after the lock is given back.
    let entries = entries.withLock { $0 }.sorted { $0.key < $1.key }
    var text: [UInt8] = []
    text.reserveCapacity(entries.count * 256)
    for (name, entry) in entries {
      text.append(contentsOf: "# HELP \(name) \(MetricText.escape(entry.help, quote: false))\n".utf8)
      text.append(contentsOf: "# TYPE \(name) \(entry.kind.rawValue)\n".utf8)
      entry.sample.render(into: &text)
    }
    return text
  }

  private func add<S: Sample>(_ name: String, _ kind: MetricKind, _ help: String, _ sample: S) -> S {
    if let fault = MetricName.fault(name, kind) { fatalError(fault) }
    let previous = entries.withLock { $0.updateValue(Entry(kind: kind, help: help, sample: sample), forKey: name) }
    precondition(previous == nil, "the metric \(name) is registered twice: keep the first one, or use a family")
    return sample
  }
}

/// Values asked for at scrape time.
private struct Reading: Sample {
  let name: String
  let labels: [String]
  let read: @Sendable () -> [(labels: [String], value: Double)]

  func render(into text: inout [UInt8]) {
    for (values, value) in read() {
      text.append(Array("\(name)\(MetricText.labels(Array(zip(labels, values)))) ".utf8), value)
    }
  }
}

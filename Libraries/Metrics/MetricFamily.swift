import Synchronization

public typealias CounterFamily = MetricFamily<Counter>
public typealias GaugeFamily = MetricFamily<Gauge>
public typealias HistogramFamily = MetricFamily<Histogram>

/// Metrics of one name that differ in their labels.
///
/// The number of label sets is bounded: what comes after the bound is counted with every label `other`. Look a metric up
/// once and keep it, where the labels are known beforehand.
public final class MetricFamily<Metric: Sendable>: Sendable {
  public let labels: [String]
  public let maximum: Int
  private let make: @Sendable (String) -> Metric
  private let members = Mutex<[[String]: Metric]>([:])

  init(labels: [String], maximum: Int, make: @escaping @Sendable (String) -> Metric) {
    precondition(!labels.isEmpty && labels.allSatisfy(MetricText.isLabel), "\(labels) are not label names")
    precondition(maximum > 0, "a family needs room for one label set")
    self.labels = labels
    self.maximum = maximum
    self.make = make
  }

  /// The metric with these label values, in the order of the labels.
  public subscript(_ values: String...) -> Metric { with(values) }

  /// The metric with these label values, in the order of the labels.
  public func with(_ values: [String]) -> Metric {
    precondition(values.count == labels.count, "\(values) do not match the labels \(labels)")
    return members.withLock { members in
      if let metric = members[values] { return metric }
      // The place of `other` is beside the bound.
      let other = labels.map { _ in "other" }
      let isOther = values == other
      let held = members.count - (members[other] == nil ? 0 : 1)
      let key = isOther || held < maximum ? values : other
      if let metric = members[key] { return metric }
      let metric = make(MetricText.labels(Array(zip(labels, key))))
      members[key] = metric
      return metric
    }
  }

  /// Forgets a label set whose subject is gone, which frees its place.
  public func remove(_ values: String...) { members.withLock { _ = $0.removeValue(forKey: values) } }

  /// All there are, by label values.
  public var all: [[String]: Metric] { members.withLock { $0 } }
}

extension MetricFamily: Sample where Metric: Sample {
  func render(into text: inout [UInt8]) {
    for (_, metric) in all.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) { metric.render(into: &text) }
  }
}

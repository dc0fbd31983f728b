import Synchronization

/// A number that goes up and down.
public final class Gauge: Sendable {
  private let current = Atomic<Double>(0)
  private let line: [UInt8]

  init(name: String, labels: String) { line = Array("\(name)\(labels) ".utf8) }

  public func set(_ value: Double) { current.store(value, ordering: .relaxed) }
  public func set(_ value: Int) { set(Double(value)) }
  /// In seconds.
  public func set(_ value: Duration) { set(value.inSeconds) }

  public func add(_ amount: Double) {
    var value = current.load(ordering: .relaxed)
    while true {
      let (done, original) = current.weakCompareExchange(expected: value, desired: value + amount, ordering: .relaxed)
      if done { return }
      value = original
    }
  }

  public func increment() { add(1) }
  public func decrement() { add(-1) }

  public var value: Double { current.load(ordering: .relaxed) }
}

extension Gauge: Sample {
  func render(into text: inout [UInt8]) { text.append(line, value) }
}

extension Duration {
  /// Seconds with their fraction.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

import Synchronization

/// How often values fell under each of some fixed bounds.
public final class Histogram: Sendable {
  /// Upper bounds that grow; one more bucket without bound is added.
  public struct Buckets: Sendable {
    public let bounds: [Double]

    public init(_ bounds: [Double]) {
      precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds must grow")
      self.bounds = bounds
    }

    /// From a millisecond to 30 s: requests, flushes.
    public static let seconds = Buckets([
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ])
    /// From a second to a day: delays of a pipeline, retries.
    public static let longSeconds = Buckets([1, 5, 15, 30, 60, 300, 900, 3600, 21600, 86400])
    /// From 256 B to 64 MiB by factors of four.
    public static let bytes = Buckets((0..<10).map { Double(256 << (2 * $0)) })
    /// From 1 to 100,000: sizes of batches.
    public static let counts = Buckets([1, 5, 10, 50, 100, 500, 1000, 5000, 10000, 50000, 100_000])
  }

  private struct State {
    var counts: [Int]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let state: Mutex<State>
  private let bucketLines: [[UInt8]]
  private let sumLine: [UInt8]
  private let countLine: [UInt8]

  init(name: String, labels: String, buckets: Buckets) {
    bounds = buckets.bounds
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    let inner = labels.isEmpty ? "" : "\(labels.dropFirst().dropLast()),"
    bucketLines = (bounds.map(MetricText.number) + ["+Inf"]).map {
      Array("\(name)_bucket{\(inner)le=\"\($0)\"} ".utf8)
    }
    sumLine = Array("\(name)_sum\(labels) ".utf8)
    countLine = Array("\(name)_count\(labels) ".utf8)
  }

  public func observe(_ value: Double) {
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock {
      $0.counts[bucket] += 1
      $0.sum += value
    }
  }

  public func observe(_ value: Int) { observe(Double(value)) }
  /// In seconds.
  public func observe(_ value: Duration) { observe(value.inSeconds) }

  /// How many values there were.
  public var count: Int { state.withLock { $0.counts.reduce(0, +) } }
  /// All values added up.
  public var sum: Double { state.withLock { $0.sum } }
}

extension Histogram: Sample {
  func render(into text: inout [UInt8]) {
    let state = state.withLock { $0 }
    var total = 0
    for (line, count) in zip(bucketLines, state.counts) {
      total += count
      text.append(line, total)
    }
    text.append(sumLine, state.sum)
    text.append(countLine, total)
  }
}

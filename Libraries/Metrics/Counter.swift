import Synchronization

/// A number that only grows, until the process ends.
///
/// Keep it as a stored property: an increment is one atomic addition, a look-up is not.
public final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  private let line: [UInt8]

  init(name: String, labels: String) { line = Array("\(name)\(labels) ".utf8) }

  /// - Parameter count: not negative.
  public func increment(by count: Int = 1) { self.count.wrappingAdd(count, ordering: .relaxed) }

  public var value: Int { count.load(ordering: .relaxed) }
}

extension Counter: Sample {
  func render(into text: inout [UInt8]) { text.append(line, value) }
}

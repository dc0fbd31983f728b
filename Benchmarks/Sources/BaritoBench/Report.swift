/// What a process of the benchmark tells the one that started it: names with numbers, on one line of standard output.
struct Report: Equatable {
  var numbers: [String: Double]

  init(_ numbers: [String: Double]) { self.numbers = numbers }

  /// - Returns: nil unless it is such a line.
  init?(line: some StringProtocol) {
    numbers = [:]
    for pair in line.split(separator: " ") {
      let parts = pair.split(separator: "=")
      guard parts.count == 2, let number = Double(parts[1]) else { return nil }
      numbers[String(parts[0])] = number
    }
    guard !numbers.isEmpty else { return nil }
  }

  var line: String { numbers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ") + "\n" }

  func number(_ name: String) throws -> Double {
    guard let number = numbers[name] else { throw BenchError("a report without \(name): \(line)") }
    return number
  }

  func count(_ name: String) throws -> Int { Int(try number(name)) }
}

/// Something with lines in the exposition.
protocol Sample: Sendable {
  func render(into text: inout [UInt8])
}

/// The Prometheus text format, version 0.0.4.
enum MetricText {
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    // Whole numbers without a fraction, as Prometheus itself writes them.
    if let whole = Int(exactly: value) { return String(whole) }
    return "\(value)"
  }

  /// `{a="b"}`, or nothing where there are no labels.
  static func labels(_ pairs: [(String, String)]) -> String {
    guard !pairs.isEmpty else { return "" }
    return "{\(pairs.map { "\($0)=\"\(escape($1, quote: true))\"" }.joined(separator: ","))}"
  }

  static func escape(_ text: String, quote: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quote: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  static func isLabel(_ name: String) -> Bool {
    !name.isEmpty && name != "le" && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_") }
  }
}

extension [UInt8] {
  mutating func append(_ line: [UInt8], _ value: Int) {
    append(contentsOf: line)
    append(contentsOf: String(value).utf8)
    append(UInt8(ascii: "\n"))
  }

  mutating func append(_ line: [UInt8], _ value: Double) {
    append(contentsOf: line)
    append(contentsOf: MetricText.number(value).utf8)
    append(UInt8(ascii: "\n"))
  }
}

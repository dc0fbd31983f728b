/// What a metric counts, and with that how Prometheus calls it.
public enum MetricKind: String, Sendable {
  case counter, gauge, histogram
}

/// The rules that names follow, so that dashboards can be guessed from them.
public enum MetricName {
  /// What is wrong with a name; nil if nothing is.
  public static func fault(_ name: String, _ kind: MetricKind) -> String? {
    let words = name.split(separator: "_", omittingEmptySubsequences: false)
    guard words.count > 1, words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x61...0x7a).contains($0) } }) else {
      return "\(name) must be lower-case words joined by single underscores"
    }
    let last = String(words.last ?? "")
    let unit = kind == .counter && words.count > 2 ? String(words[words.count - 2]) : last
    if let base = notBaseUnits[unit] { return "\(name) must use the base unit \(base)" }
    switch kind {
    case .counter: return last == "total" ? nil : "\(name) is a counter and must end in _total"
    case .gauge: return last == "total" ? "\(name) is a gauge and must not end in _total" : nil
    case .histogram:
      return histogramUnits.contains(last)
        ? nil : "\(name) is a histogram and must end in its unit: \(histogramUnits.sorted().joined(separator: ", "))"
    }
  }

  private static let histogramUnits: Set = ["seconds", "bytes", "records", "documents", "lines", "ratio"]
  private static let notBaseUnits = [
    "ms": "seconds", "milliseconds": "seconds", "microseconds": "seconds", "nanoseconds": "seconds",
    "minutes": "seconds", "hours": "seconds", "kb": "bytes", "mb": "bytes", "kilobytes": "bytes",
    "megabytes": "bytes", "percent": "ratio",
  ]
}

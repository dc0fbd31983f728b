/// How old lines were when Elasticsearch had answered for them, in one round.
struct Freshness: Sendable, Equatable {
  var latencies: Latencies
  /// That this is of.
  var documents: Int
  var documentsPerSecond: Double
  /// Of other apps, beside them.
  var othersPerSecond: Double
  /// The most memory that Flow had, in bytes; nil where nobody looked.
  var peak: Int?

  init(latencies: Latencies, documents: Int, documentsPerSecond: Double, othersPerSecond: Double) {
    self.latencies = latencies
    self.documents = documents
    self.documentsPerSecond = documentsPerSecond
    self.othersPerSecond = othersPerSecond
  }

  /// As a process of the benchmark told it.
  /// - Throws: where no line counted.
  init(_ report: Report) throws {
    guard report.numbers["fresh"] != nil else { throw BenchError("no line was sent while it would have counted") }
    self.init(
      latencies: Latencies(p50: try report.number("p50"), p99: try report.number("p99")),
      documents: try report.count("fresh"), documentsPerSecond: try report.number("fresh-speed"),
      othersPerSecond: try report.number("others-speed"))
  }

  var numbers: [String: Double] {
    [
      "p50": latencies.p50, "p99": latencies.p99, "fresh": Double(documents), "fresh-speed": documentsPerSecond,
      "others-speed": othersPerSecond,
    ]
  }
}

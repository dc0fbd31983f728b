/// What a measurement should come to.
struct Target: Sendable, Equatable {
  enum Bound: Sendable, Equatable {
    case atLeast(Double)
    case below(Double)
    case zero
  }

  var question: String
  var bound: Bound
  /// Nil where it was not measured.
  var value: Double?
  var digits = 2
  var unit = ""

  /// Nil where it was not measured.
  var isMet: Bool? {
    guard let value, !value.isNaN else { return nil }
    return switch bound {
    case .atLeast(let least): value >= least
    case .below(let most): value < most
    case .zero: value == 0
    }
  }

  var wanted: String {
    switch bound {
    case .atLeast(let least): "at least \(written(least))"
    case .below(let most): "below \(written(most))"
    case .zero: "none"
    }
  }

  var measured: String { value.flatMap { $0.isNaN ? nil : written($0) } ?? "not measured" }

  private func written(_ number: Double) -> String { "\(decimal(number, digits: digits))\(unit)" }

  /// All of the Router's.
  static func router(_ results: RouterResults) -> [Target] {
    func share(_ point: LoadPoint, of other: LoadPoint? = nil) -> Double? {
      results.ingest.lineShare(.load(point), of: other.map { .load($0) })?.median
    }
    let crowd = results.crowd
    return [
      Target(
        question: "NDJSON in batches of 500, of bare librdkafka, per CPU second", bound: .atLeast(0.8),
        value: share(.base)),
      Target(
        question: "the same, gzip", bound: .atLeast(0.5), value: share(LoadPoint(format: .gzip))),
      Target(
        question: "NDJSON in batches of 500, of nginx with lua-resty-kafka, per CPU second", bound: .atLeast(3),
        value: share(.base, of: .nginx)),
      Target(
        question: "batches of 1, of bare libmicrohttpd, per CPU second", bound: .atLeast(0.6),
        value: share(.single, of: .microhttpd)),
      Target(question: "p99 at half load", bound: .below(20), value: results.halfLoad?.p99, digits: 1, unit: " ms"),
      Target(
        question: "resident memory, many apps and topics", bound: .below(150),
        value: crowd.map { Double($0.memoryInUse.now) / 1_000_000 }, digits: 0, unit: " MB"),
      Target(
        question: "start to ready with as many apps", bound: .below(2),
        value: crowd.flatMap { Samples($0.startSeconds) }?.median, unit: " s"),
      Target(question: "CPU time when idle", bound: .zero, value: results.idleSeconds, unit: " s"),
    ]
  }

  /// All of Flow's.
  static func flow(_ results: FlowResults) -> [Target] {
    results.deliveries.map { delivery in
      Target(
        question: "\(delivery.shape.kind), of a bare consumer, per CPU second", bound: .atLeast(0.4),
        value: delivery.share(of: .flow)?.median)
    } + [
      Target(
        question: "of rsyslog, imkafka to omelasticsearch, per CPU second", bound: .atLeast(2),
        value: results.peers?.share(of: .flow, to: .rsyslog)?.median),
      Target(
        question: "into Elasticsearch, of a loader with ready-made bodies, documents per second", bound: .atLeast(0.97),
        value: results.indexing?.flowShare?.median),
      Target(
        question: "from record to answered bulk request at half of that speed, p99", bound: .below(200),
        value: results.halfSpeed?.p99, digits: 0, unit: " ms"),
      Target(
        question: "age of an app's lines beside one that catches up, of what it is alone, p50", bound: .below(1.2),
        value: results.catchUp?.p50Growth?.median),
      Target(
        question: "the same, p99", bound: .below(1.2),
        value: results.catchUp?.p99Growth?.median),
      Target(
        question: "age of an app's lines beside many apps of 3 partitions that catch up, p99", bound: .below(2000),
        value: results.crowd.flatMap { Samples($0.beside.map(\.latencies.p99)) }?.median, digits: 0, unit: " ms"),
      Target(
        question: "resident memory then", bound: .below(400),
        value: results.crowd?.beside.compactMap(\.peak).max().map { Double($0) / 1_000_000 }, digits: 0, unit: " MB"),
      Target(
        question: "resident memory at full speed", bound: .below(200),
        value: results.peak.map { Double($0) / 1_000_000 }, digits: 0, unit: " MB"),
    ]
  }

  static func table(_ targets: [Target], of service: String) -> String {
    var table = ResultsTable([service, "target", "measured", ""])
    for target in targets {
      table.add([
        target.question, target.wanted, target.measured, target.isMet.map { $0 ? "met" : "**missed**" } ?? "",
      ])
    }
    return table.text
  }
}

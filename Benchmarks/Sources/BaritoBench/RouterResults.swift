/// What came of the Router's half.
struct RouterResults: Sendable, Equatable {
  var ingest: IngestResults
  /// What did not take part, and why.
  var missing: [String] = []
  var halfLoad: HalfLoad?
  var crowd: CrowdResults?
  /// CPU seconds used while nothing was sent.
  var idleSeconds: Double?
  var micro: [MicroResult] = []
}

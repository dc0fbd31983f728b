/// What came of Flow's half.
struct FlowResults: Sendable, Equatable {
  /// One of each shape of backlog.
  var deliveries: [DeliveryResults] = []
  /// The comparison with others that move records from Kafka to Elasticsearch.
  var peers: DeliveryResults?
  /// What the real one is; nil where there is none.
  var elasticsearch: String?
  var indexing: IndexingResults?
  var halfSpeed: HalfSpeed?
  /// Into a sink that takes its time, and into the real Elasticsearch.
  var catchUp: CatchUp?
  var catchUpIndexing: CatchUp?
  /// An app beside a thousand that catch up, into the same sink.
  var crowd: CatchUp?
  /// CPU seconds used while nothing was sent.
  var idleSeconds: Double?
  /// What was not measured, and why.
  var missing: [String] = []

  /// The most memory that a Flow ever had.
  var peak: Int? { (deliveries.map(\.flowPeak) + [peers?.flowPeak, indexing?.flowPeak]).compactMap { $0 }.max() }
}

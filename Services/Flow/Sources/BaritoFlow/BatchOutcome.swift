import Kafka

/// What became of a batch that is not under way any more.
struct BatchOutcome: Sendable {
  /// A partition that was left for later, because its index takes no documents for now.
  struct Stop: Sendable, Equatable {
    /// The first record that is not finished. All before it is.
    var offset: Int64
    var cause: ParkCause
    /// What Elasticsearch said, for the log.
    var reason: String
  }

  var number: BatchLedger.BatchNumber
  /// The batch's partitions.
  var partitions: [TopicPartition]
  /// Every record is finished, but for those of the stops. False where the service stops before.
  var isFinished: Bool
  var stops: [TopicPartition: Stop] = [:]
}

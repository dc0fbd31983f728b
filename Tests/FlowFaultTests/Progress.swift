import Kafka
import TestKit

/// How far the group of a stage says it is, and where its topics end.
struct Progress: Sendable, CustomStringConvertible {
  var committed: [TopicPartition: Int64]
  var ends: [TopicPartition: Int64]

  var lag: Int64 { ends.keys.reduce(0) { $0 + lag(of: $1) } }

  func lag(of partition: TopicPartition) -> Int64 { (ends[partition] ?? 0) - (committed[partition] ?? 0) }

  var description: String {
    ends.sorted { $0.key < $1.key }
      .map { "\($0.key): committed \(committed[$0.key].map { "\($0)" } ?? "none") of \($0.value)" }
      .joined(separator: ", ")
  }
}

/// Asks Kafka for it, as a client that is no member.
struct ProgressReader: Sendable {
  struct Unfinished: Error, CustomStringConvertible { let description: String }

  private let consumer: KafkaConsumer
  private let partitions: [TopicPartition]

  init(_ stage: FlowStage) throws {
    var configuration = stage.configuration
    configuration.consumer.group = stage.group
    consumer = try KafkaConsumer(configuration)
    partitions = stage.topicPartitions
  }

  func now() async throws -> Progress {
    let ends = try await consumer.ends(of: partitions)
    return Progress(committed: try await consumer.committed(partitions), ends: ends)
  }

  func close() async { await consumer.close(within: .seconds(5)) }

  /// Waits until everything is committed.
  func drained(within limit: Duration) async throws {
    var last: Progress?
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      last = try? await now()
      if let last, last.lag == 0 { return }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw Unfinished(description: "within \(limit), not all is committed: \(last.map { "\($0)" } ?? "unknown")")
  }

  /// Waits until so many more records are committed in the partitions that are asked about.
  func advance(
    by records: Int64 = 300, within limit: Duration = .seconds(120), _ what: String,
    where isMeant: (TopicPartition) -> Bool = { _ in true }
  ) async throws {
    var start: Int64?
    try await eventually(within: limit, what) {
      try await Task.sleep(for: .milliseconds(100))
      guard let now = try? await now() else { return false }
      let committed = now.committed.filter { isMeant($0.key) }.values.reduce(0, +)
      start = start ?? committed
      return committed >= (start ?? committed) + records
    }
  }
}

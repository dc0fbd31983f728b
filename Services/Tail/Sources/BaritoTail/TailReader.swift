import BaritoCore
import Kafka
import Logging

/// Reads the apps of a session that lie in one Kafka cluster, with a consumer of its own at offsets that the session
/// says. Everything waits at most a few seconds.
struct TailReader: Sendable {
  let apps: [TailApp]
  let shapes: TopicShapes
  private let consumer: KafkaConsumer
  private let appsByTopic: [String: AppID]

  static let timeout: Duration = .seconds(3)

  /// - Parameters:
  ///   - apps: of the same brokers.
  ///   - template: everything but the brokers.
  init(_ apps: [TailApp], _ template: KafkaConfiguration, shapes: TopicShapes, logger: Logger) throws(KafkaError) {
    var configuration = template
    configuration.brokers = apps.first?.brokers ?? ""
    configuration.consumer.group = nil
    configuration.consumer.autoOffsetReset = .error
    configuration.consumer.queuedKilobytes = 2 * 1024
    self.apps = apps
    self.shapes = shapes
    consumer = try KafkaConsumer(configuration, logger: logger)
    appsByTopic = Dictionary(apps.map { ($0.topic, $0.id) }) { first, _ in first }
  }

  /// - Returns: nil while the app has no topic.
  func partitions(of app: TailApp) async throws(KafkaError) -> Int? {
    try await shapes.partitions(of: app.topic, at: app.brokers)
  }

  /// The oldest offset of each partition, and the one after the newest.
  func available(_ app: TailApp, partitions: Range<Int>) async throws(KafkaError) -> [Range<Int64>] {
    // All at once: a broker may let each question wait behind a fetch that finds nothing, half a second.
    let places = partitions.map { TopicPartition(app.topic, Int32($0)) }
    return try TailReader.all(places, in: try await consumer.watermarks(places, timeout: TailReader.timeout))
  }

  /// The offset after the newest line of each partition.
  func ends(_ app: TailApp, partitions: Range<Int>) async throws(KafkaError) -> [Int64] {
    let places = partitions.map { TopicPartition(app.topic, Int32($0)) }
    return try TailReader.all(places, in: try await consumer.ends(of: places, timeout: TailReader.timeout))
  }

  private static func all<Value>(
    _ places: [TopicPartition], in found: [TopicPartition: Value]
  ) throws(KafkaError) -> [Value] {
    try places.map { place throws(KafkaError) in
      guard let value = found[place] else {
        throw KafkaError(.unknownTopic, "cannot ask for the offsets of \(place): no answer for it")
      }
      return value
    }
  }

  /// For each partition the offset of the first line of this time or later; nil where all are older.
  func offsets(_ app: TailApp, partitions: Int, since time: Int64) async throws(KafkaError) -> [Int64?] {
    let places = (0..<partitions).map { TopicPartition(app.topic, Int32($0)) }
    let found = try await consumer.offsets(
      for: Dictionary(uniqueKeysWithValues: places.map { ($0, time) }), timeout: TailReader.timeout)
    return places.map { found[$0] ?? nil }
  }

  /// The times of the records in these ranges, by partition. Changes what is assigned. Stops after `limit`, with what
  /// was found until then.
  func times(_ app: TailApp, _ ranges: [Range<Int64>], limit: Duration = .seconds(15)) async throws(KafkaError)
    -> [[Int64]]
  {
    var times = ranges.map { _ in [Int64]() }
    var open = Set(ranges.indices.filter { !ranges[$0].isEmpty })
    try await consumer.assign(
      Dictionary(
        uniqueKeysWithValues: open.map {
          (TopicPartition(app.topic, Int32($0)), StartOffset.offset(ranges[$0].lowerBound))
        }))
    let deadline = ContinuousClock.now + limit
    while !open.isEmpty, ContinuousClock.now < deadline, !Task.isCancelled {
      let batch = try await consumer.nextBatch(maxRecords: 5000, wait: .milliseconds(200))
      for record in batch.records {
        let partition = Int(record.partition)
        guard ranges.indices.contains(partition), ranges[partition].contains(record.offset) else { continue }
        times[partition].append(record.timestamp)
      }
      for (place, next) in batch.nextOffsets where next >= ranges[Int(place.partition)].upperBound {
        open.remove(Int(place.partition))
      }
    }
    return times
  }

  /// Reads on from these offsets; apps without offsets are left out.
  func assign(_ position: TailCursor) async throws(KafkaError) {
    var starts: [TopicPartition: StartOffset] = [:]
    for app in apps {
      for (partition, offset) in (position.offsets[app.id] ?? []).enumerated() {
        starts[TopicPartition(app.topic, Int32(partition))] = .offset(offset)
      }
    }
    try await consumer.assign(starts)
  }

  func next(maxRecords: Int, wait: Duration) async throws(KafkaError) -> RecordBatch {
    try await consumer.nextBatch(maxRecords: maxRecords, maxBytes: 1 << 20, wait: wait)
  }

  /// The app of each topic of a batch.
  func apps(of batch: RecordBatch) -> [AppID?] { batch.topics.map { appsByTopic[$0] } }

  func close() async { await consumer.close(within: .seconds(3)) }
}

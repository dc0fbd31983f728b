import Kafka

/// Says which offsets may be stored while several batches are under way and end in any order: promise 3 in one place.
///
/// A batch holds, of each of its partitions, the records that follow those of the batch before. So the offset to store is
/// the end of the oldest batches that are finished without a gap. A batch that leaves a partition unfinished (its lane is
/// parked) stops it there, whatever later batches do, until it is read again from that place. Pure.
struct BatchLedger: Sendable {
  typealias BatchNumber = Int

  private struct Stretch: Sendable {
    var batch: BatchNumber
    /// The offset after the batch's last record.
    var next: Int64
    var isFinished = false
    /// The first record that is not finished, where the batch left the partition for later.
    var stop: Int64?
  }

  /// Of each partition what is not stored yet, oldest first.
  private var stretches: [TopicPartition: [Stretch]] = [:]

  /// A batch is under way.
  mutating func began(_ batch: BatchNumber, _ nextOffsets: [TopicPartition: Int64]) {
    for (partition, next) in nextOffsets { stretches[partition, default: []].append(Stretch(batch: batch, next: next)) }
  }

  /// A batch has ended.
  ///
  /// - Parameters:
  ///   - partitions: those that it began with. What was revoked meanwhile is unknown here and ignored.
  ///   - stops: partitions that it left for later, and their first record that is not finished.
  /// - Returns: the offsets that may be stored now, where they moved.
  mutating func ended(
    _ batch: BatchNumber, _ partitions: some Sequence<TopicPartition>, stops: [TopicPartition: Int64]
  ) -> [TopicPartition: Int64] {
    var storable: [TopicPartition: Int64] = [:]
    for partition in partitions {
      guard var queue = stretches[partition], let place = queue.firstIndex(where: { $0.batch == batch }) else {
        continue
      }
      queue[place].isFinished = true
      queue[place].stop = stops[partition]
      while let first = queue.first, first.isFinished {
        if let stop = first.stop {
          storable[partition] = stop
          break
        }
        storable[partition] = first.next
        queue.removeFirst()
      }
      stretches[partition] = queue.isEmpty ? nil : queue
    }
    return storable
  }

  /// Whether a batch that is under way holds records of the partition.
  func isUnderWay(_ partition: TopicPartition) -> Bool {
    stretches[partition]?.contains { !$0.isFinished } ?? false
  }

  /// Where a partition that was left for later must be read again from; nil where it was not.
  func stop(of partition: TopicPartition) -> Int64? {
    stretches[partition]?.lazy.compactMap(\.stop).min()
  }

  /// Nothing of these counts any more: they were taken away, or are read again from their stop.
  mutating func forget(_ partitions: some Sequence<TopicPartition>) {
    for partition in partitions { stretches[partition] = nil }
  }
}

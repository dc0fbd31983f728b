/// Tells which offset may be stored when records of a partition are finished in any order.
///
/// Kafka keeps one number per partition: everything before it is done. So only the contiguous prefix of finished records
/// may be stored, in the order in which they were delivered (offsets themselves may have gaps).
public struct OffsetTracker: Sendable {
  fileprivate struct Partition {
    /// Delivered and not yet stored, in order; the front is the oldest.
    var offsets: [Int64] = []
    var finished: [Bool] = []
    /// How many at the front are done with; they are dropped from the arrays now and then.
    var head = 0
    /// The offset after the prefix, if it moved since it was taken.
    var storable: Int64?
  }

  private var partitions: [TopicPartition: Partition] = [:]

  public init() {}

  /// Records that were delivered and are not part of a storable prefix yet.
  public var pending: Int { partitions.values.reduce(0) { $0 + $1.offsets.count - $1.head } }

  /// A record was delivered. One that was delivered before (its offset is not beyond the last) starts the partition
  /// anew: it was revoked and assigned again, or sought back.
  public mutating func began(_ offset: Int64, in partition: TopicPartition) {
    if let last = partitions[partition]?.offsets.last, last >= offset { partitions[partition] = nil }
    partitions[partition, default: Partition()].offsets.append(offset)
    partitions[partition, default: Partition()].finished.append(false)
  }

  /// A record is done. Offsets that are not pending, of a revoked partition for example, are ignored.
  public mutating func finished(_ offset: Int64, in partition: TopicPartition) {
    partitions[partition]?.finish(offset)
  }

  /// What may be stored now, for the partitions where it moved since the last call: the offset after the prefix.
  public mutating func takeStorable() -> [TopicPartition: Int64] {
    var all: [TopicPartition: Int64] = [:]
    for (partition, state) in partitions {
      guard let storable = state.storable else { continue }
      all[partition] = storable
      partitions[partition]?.storable = nil
    }
    return all
  }

  /// Partitions were taken away: nothing about them counts any more.
  public mutating func revoked(_ gone: some Sequence<TopicPartition>) {
    for partition in gone { partitions[partition] = nil }
  }
}

extension OffsetTracker.Partition {
  fileprivate mutating func finish(_ offset: Int64) {
    guard let index = index(of: offset) else { return }
    finished[index] = true
    let before = head
    while head < finished.count, finished[head] { head += 1 }
    guard head > before else { return }
    storable = offsets[head - 1] + 1
    guard head > 1024, head * 2 > offsets.count else { return }
    // The last stays, so that `began` still knows it.
    offsets.removeFirst(head - 1)
    finished.removeFirst(head - 1)
    head = 1
  }

  /// Binary search: offsets only grow.
  private func index(of offset: Int64) -> Int? {
    var (low, high) = (head, offsets.count)
    while low < high {
      let middle = (low + high) / 2
      if offsets[middle] < offset { low = middle + 1 } else { high = middle }
    }
    return low < offsets.count && offsets[low] == offset ? low : nil
  }
}

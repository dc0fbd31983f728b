/// One partition of one topic.
public struct TopicPartition: Hashable, Sendable, Comparable, CustomStringConvertible {
  public var topic: String
  public var partition: Int32

  public init(_ topic: String, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  public var description: String { "\(topic)[\(partition)]" }

  public static func < (a: Self, b: Self) -> Bool { (a.topic, a.partition) < (b.topic, b.partition) }
}

/// Where to begin in a partition.
public enum StartOffset: Hashable, Sendable {
  case offset(Int64)
  case beginning, end
  /// The offset that the group committed, or `autoOffsetReset` where there is none.
  case committed
}

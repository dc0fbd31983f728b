/// What became of the messages of one `produce`.
public struct DeliveryResult: Sendable, Hashable {
  /// Where the messages stored in one partition are. Offsets of other callers may lie between first and last.
  public struct Range: Sendable, Hashable {
    public var partition: Int32
    public var firstOffset: Int64
    public var lastOffset: Int64
    public var count: Int
  }

  public var topic: String
  /// Messages of the call.
  public internal(set) var count: Int
  /// Messages that are in Kafka for certain; `count` if there is no error.
  public internal(set) var stored = 0
  /// One for each partition that stored any, in no order.
  public internal(set) var ranges: [Range] = []
  /// The first error. Messages that are not counted as stored may be in Kafka all the same after a time-out.
  public internal(set) var error: KafkaError?

  init(topic: String, count: Int) {
    self.topic = topic
    self.count = count
  }

  /// The result if everything is stored; throws the first error otherwise.
  @discardableResult
  public func get() throws(KafkaError) -> DeliveryResult {
    if let error { throw error }
    return self
  }

  mutating func store(partition: Int32, offset: Int64) {
    stored += 1
    for index in ranges.indices.reversed() where ranges[index].partition == partition {
      ranges[index].firstOffset = min(ranges[index].firstOffset, offset)
      ranges[index].lastOffset = max(ranges[index].lastOffset, offset)
      ranges[index].count += 1
      return
    }
    ranges.append(Range(partition: partition, firstOffset: offset, lastOffset: offset, count: 1))
  }
}

import CRdkafka

/// Copies messages of librdkafka into a batch.
///
/// Partitions are told apart by librdkafka's topic pointer, so that no name is made per record. The pointers are good
/// only while the assignment does not change: `forget` then.
struct RecordBatchBuilder {
  private struct Place: Hashable {
    var topic: OpaquePointer
    var partition: Int32
  }

  private struct Slot {
    var place: Place
    var topic: Int
    var next: Int64
    var first: Int64
    var bytes = 0
  }

  private var batch = RecordBatch()
  private var slots: [Slot] = []
  private var indexes: [Place: Int] = [:]
  private var current: Int?
  private var firstOffsets: [TopicPartition: Int64] = [:]

  var count: Int { batch.records.count }
  var byteCount: Int { batch.bytes.count }

  mutating func reserve(records: Int, bytes: Int) {
    batch.records.reserveCapacity(records)
    batch.bytes.reserveCapacity(bytes)
  }

  mutating func append(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    guard let topic = message.pointee.rkt else { return }
    let offset = message.pointee.offset
    let start = batch.bytes.count
    let slot = slot(of: Place(topic: topic, partition: message.pointee.partition), offset: offset)
    var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let timestamp = rd_kafka_message_timestamp(message, &kind)
    batch.records.append(
      RecordBatch.Record(
        topic: slots[slot].topic, partition: message.pointee.partition, offset: offset, timestamp: timestamp,
        timestampKind: RecordBatch.Record.TimestampKind(rawValue: UInt8(kind.rawValue)) ?? .none,
        isTombstone: message.pointee.payload == nil, hasKey: message.pointee.key != nil,
        value: copy(message.pointee.payload, message.pointee.len),
        key: copy(message.pointee.key, message.pointee.key_len), headers: headers(of: message)))
    slots[slot].next = offset + 1
    slots[slot].bytes += batch.bytes.count - start
  }

  private mutating func slot(of place: Place, offset: Int64) -> Int {
    if let current, slots[current].place == place { return current }
    let index: Int
    if let known = indexes[place] {
      index = known
    } else {
      index = slots.count
      slots.append(Slot(place: place, topic: topicIndex(place.topic), next: offset, first: offset))
      indexes[place] = index
    }
    current = index
    return index
  }

  private mutating func topicIndex(_ topic: OpaquePointer) -> Int {
    let name = String(cString: rd_kafka_topic_name(topic))
    if let known = batch.topics.firstIndex(of: name) { return known }
    batch.topics.append(name)
    return batch.topics.count - 1
  }

  private mutating func copy(_ pointer: UnsafeMutableRawPointer?, _ count: Int) -> Range<Int> {
    let start = batch.bytes.count
    if let pointer, count > 0 { batch.bytes.append(contentsOf: UnsafeRawBufferPointer(start: pointer, count: count)) }
    return start..<batch.bytes.count
  }

  private mutating func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> Range<Int> {
    let start = batch.bytes.count
    var list: OpaquePointer?
    guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return start..<start }
    var (name, value, size) = (UnsafePointer<CChar>?.none, UnsafeRawPointer?.none, 0)
    for index in 0..<rd_kafka_header_cnt(list) {
      guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name else {
        continue
      }
      let name8 = UnsafeRawPointer(name)
      let length = String(cString: name).utf8.count
      batch.appendLength(length)
      batch.appendLength(size)
      batch.bytes.append(contentsOf: UnsafeRawBufferPointer(start: name8, count: length))
      if let value { batch.bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: size)) }
    }
    return start..<batch.bytes.count
  }

  /// The assignment changed: the pointers may come back as other topics.
  mutating func forget() {
    settle()
    slots = []
    indexes = [:]
    current = nil
  }

  /// The assignment changed, and these partitions are not ours any more, or anew: forgets their records too.
  mutating func drop(_ partitions: Set<TopicPartition>) {
    forget()
    guard !batch.records.isEmpty else { return }
    let topics = batch.topics
    batch.records.removeAll { partitions.contains(TopicPartition(topics[$0.topic], $0.partition)) }
    for partition in partitions {
      batch.nextOffsets[partition] = nil
      batch.partitionBytes[partition] = nil
      firstOffsets[partition] = nil
    }
  }

  private mutating func settle() {
    for slot in slots {
      let partition = TopicPartition(batch.topics[slot.topic], slot.place.partition)
      batch.nextOffsets[partition] = slot.next
      batch.partitionBytes[partition, default: 0] += slot.bytes
      firstOffsets[partition] = min(slot.first, firstOffsets[partition] ?? slot.first)
    }
  }

  /// The batch so far and the first offsets of its partitions; the builder is empty afterwards.
  mutating func finish() -> (RecordBatch, firstOffsets: [TopicPartition: Int64]) {
    settle()
    defer { self = RecordBatchBuilder() }
    return (batch, firstOffsets)
  }
}

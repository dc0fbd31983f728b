import CRdkafka

/// Offsets of many partitions. What no broker answers for is left out, so that one partition in trouble hides nobody else.
///
/// What a group has committed is asked with `KafkaConsumer.committed` of a consumer that never subscribes: librdkafka
/// 2.0.2's ListConsumerGroupOffsets crashes while the group's coordinator moves.
extension KafkaAdmin {
  /// Every partition, Kafka's own too, and whether it has a leader now, who could answer for it.
  public func partitions(timeout: Duration = .seconds(10)) throws(KafkaError) -> [TopicPartition: Bool] {
    try metadata(of: nil, timeout) { metadata in
      var all: [TopicPartition: Bool] = [:]
      for index in 0..<Int(metadata.topic_cnt) {
        let topic = metadata.topics[index]
        guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
        let name = String(cString: topic.topic)
        for place in 0..<Int(topic.partition_cnt) {
          all[TopicPartition(name, topic.partitions[place].id)] = topic.partitions[place].leader >= 0
        }
      }
      return all
    }
  }

  /// The offset of the oldest record of each partition.
  public func beginnings(
    of partitions: [TopicPartition], timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try offsets(Int64(RD_KAFKA_OFFSET_BEGINNING), of: partitions, timeout)
  }

  /// The offset after the newest record of each partition.
  public func ends(
    of partitions: [TopicPartition], timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try offsets(Int64(RD_KAFKA_OFFSET_END), of: partitions, timeout)
  }

  /// rd_kafka_query_watermark_offsets does not keep its time-out while a leader is down, and asks for one at a time.
  private func offsets(
    _ time: Int64, of partitions: [TopicPartition], _ timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    let doing = "cannot ask for the offsets of \(partitions.count) partitions"
    try open(doing)
    if partitions.isEmpty { return [:] }
    let list = PartitionList(offsets: Dictionary(partitions.map { ($0, time) }) { first, _ in first })
    let error = list.lend { rd_kafka_offsets_for_times(client.raw, $0, timeout.milliseconds) }
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(error, doing) }
    return list.lend { $0.pointee.answers }
  }
}

extension rd_kafka_topic_partition_list_t {
  /// The offsets that a broker gave.
  fileprivate var answers: [TopicPartition: Int64] {
    var all: [TopicPartition: Int64] = [:]
    visit { partition, element in
      if element.err == RD_KAFKA_RESP_ERR_NO_ERROR, element.offset >= 0 { all[partition] = element.offset }
    }
    return all
  }
}

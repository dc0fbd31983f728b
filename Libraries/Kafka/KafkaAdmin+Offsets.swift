import CRdkafka

/// Offsets of partitions and groups, asked by a client that is in no group. What no broker answers for is left out, so that
/// one partition in trouble hides nobody else.
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

  /// What a group has committed; partitions without an offset are left out.
  public func committed(
    by group: String, _ partitions: [TopicPartition], timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    let doing = "cannot ask for the offsets of the group \(group)"
    try open(doing)
    if partitions.isEmpty { return [:] }
    let options = rd_kafka_AdminOptions_new(client.raw, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS)
    defer { rd_kafka_AdminOptions_destroy(options) }
    let milliseconds = max(100, timeout.milliseconds)
    rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, nil, 0)
    let queue = rd_kafka_queue_new(client.raw)
    defer { rd_kafka_queue_destroy(queue) }
    var request = PartitionList(partitions).lend { rd_kafka_ListConsumerGroupOffsets_new(group, $0) }
    defer { rd_kafka_ListConsumerGroupOffsets_destroy(request) }
    rd_kafka_ListConsumerGroupOffsets(client.raw, &request, 1, options, queue)
    guard let event = rd_kafka_queue_poll(queue, milliseconds + 500) else {
      throw KafkaError(.timedOut, "\(doing): no answer within \(timeout)")
    }
    defer { rd_kafka_event_destroy(event) }
    try check(rd_kafka_event_error(event), doing)
    var count = 0
    let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
    guard let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count), count == 1, let answer = groups[0]
    else { return [:] }
    try check(rd_kafka_error_code(rd_kafka_group_result_error(answer)), doing)
    return rd_kafka_group_result_partitions(answer)?.pointee.answers ?? [:]
  }

  /// rd_kafka_query_watermark_offsets does not keep its time-out while a leader is down, and asks for one at a time.
  private func offsets(
    _ time: Int64, of partitions: [TopicPartition], _ timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    let doing = "cannot ask for the offsets of \(partitions.count) partitions"
    try open(doing)
    if partitions.isEmpty { return [:] }
    let list = PartitionList(offsets: Dictionary(partitions.map { ($0, time) }) { first, _ in first })
    try check(list.lend { rd_kafka_offsets_for_times(client.raw, $0, timeout.milliseconds) }, doing)
    return list.lend { $0.pointee.answers }
  }

  private func check(_ error: rd_kafka_resp_err_t, _ doing: String) throws(KafkaError) {
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(error, doing) }
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

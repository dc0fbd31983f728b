import CRdkafka

/// What reading the same topic costs without a Flow: polled from its beginning, and thrown away.
struct BareConsumer {
  let properties: [String: String]
  let topic: String
  let partitions: Int

  /// - Returns: the lines read after the first one, and the seconds that took.
  func run(count: Int) throws -> (lines: Int, seconds: Double) {
    let client = try BareClient(RD_KAFKA_CONSUMER, properties)
    rd_kafka_poll_set_consumer(client.raw)
    guard let list = rd_kafka_topic_partition_list_new(CInt(partitions)) else { throw BenchError("out of memory") }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for partition in 0..<partitions {
      rd_kafka_topic_partition_list_add(list, topic, Int32(partition)).pointee.offset = Int64(RD_KAFKA_OFFSET_BEGINNING)
    }
    let error = rd_kafka_assign(client.raw, list)
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw BenchError("cannot read \(topic): \(String(cString: rd_kafka_err2str(error)))")
    }
    var (read, bytes) = (0, 0)
    var first = ContinuousClock.now
    var patience = ContinuousClock.now + .seconds(30)
    while read < count {
      guard let message = rd_kafka_consumer_poll(client.raw, 1000) else {
        guard ContinuousClock.now < patience else { throw BenchError("\(topic) has \(read) of \(count) lines") }
        continue
      }
      defer { rd_kafka_message_destroy(message) }
      guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
        throw BenchError("cannot read \(topic): \(String(cString: rd_kafka_err2str(message.pointee.err)))")
      }
      if read == 0 { first = .now }
      read += 1
      bytes += message.pointee.len
      if read.isMultiple(of: 65536) { patience = .now + .seconds(30) }
    }
    let seconds = (ContinuousClock.now - first) / .seconds(1)
    rd_kafka_consumer_close(client.raw)
    guard bytes == count * LogLines.lineBytes else {
      throw BenchError("\(count) lines of \(topic) have \(bytes) bytes, not \(LogLines.lineBytes) each")
    }
    return (count - 1, seconds)
  }
}

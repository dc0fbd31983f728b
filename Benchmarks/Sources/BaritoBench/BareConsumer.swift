import CRdkafka

/// What reading the same topics costs without a Flow: polled from their beginning, and thrown away.
struct BareConsumer {
  let properties: [String: String]
  let topics: [String]
  let partitions: Int

  /// - Returns: the lines read after the first one, and the seconds that took.
  func run(count: Int, lineBytes: Int) throws -> (lines: Int, seconds: Double) {
    var (read, bytes) = (0, 0)
    var first = ContinuousClock.now
    let end = try poll(count) { message in
      if read == 0 { first = .now }
      read += 1
      bytes += message.len
    }
    guard bytes == count * lineBytes else {
      throw BenchError("\(count) lines of \(what) have \(bytes) bytes, not \(lineBytes) each")
    }
    return (count - 1, (end - first) / .seconds(1))
  }

  /// - Returns: when the last of so many was taken.
  func poll(_ count: Int, take: (rd_kafka_message_t) -> Void) throws -> ContinuousClock.Instant {
    let client = try BareClient(RD_KAFKA_CONSUMER, properties)
    rd_kafka_poll_set_consumer(client.raw)
    try assign(client.raw)
    var read = 0
    var patience = ContinuousClock.now + .seconds(30)
    while read < count {
      guard let message = rd_kafka_consumer_poll(client.raw, 1000) else {
        guard ContinuousClock.now < patience else { throw BenchError("\(what) has \(read) of \(count) lines") }
        continue
      }
      defer { rd_kafka_message_destroy(message) }
      guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
        throw BenchError("cannot read \(what): \(String(cString: rd_kafka_err2str(message.pointee.err)))")
      }
      take(message.pointee)
      read += 1
      if read.isMultiple(of: 65536) { patience = .now + .seconds(30) }
    }
    let end = ContinuousClock.now
    rd_kafka_consumer_close(client.raw)
    return end
  }

  private func assign(_ client: OpaquePointer) throws {
    guard let list = rd_kafka_topic_partition_list_new(CInt(topics.count * partitions)) else {
      throw BenchError("out of memory")
    }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for topic in topics {
      for partition in 0..<partitions {
        rd_kafka_topic_partition_list_add(list, topic, Int32(partition)).pointee.offset =
          Int64(RD_KAFKA_OFFSET_BEGINNING)
      }
    }
    let error = rd_kafka_assign(client, list)
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw BenchError("cannot read \(what): \(String(cString: rd_kafka_err2str(error)))")
    }
  }

  private var what: String { topics.count == 1 ? topics[0] : "\(topics.count) topics" }
}

import CRdkafka

/// Makes topics, so that all of a run have the partitions that they shall have before anybody sends a line.
struct TopicMaking {
  let broker: Broker

  /// So many are asked for at once.
  private static let atOnce = 100
  private static let limit: CInt = 60_000

  /// - Throws: when one of them cannot be made, or is there already.
  func make(_ names: [String], partitions: Int) throws {
    let client = try BareClient(
      RD_KAFKA_PRODUCER, BareSettings.producer(brokers: broker.address, broker.properties))
    for start in stride(from: 0, to: names.count, by: TopicMaking.atOnce) {
      try Interruption.check()
      let some = Array(names[start..<min(start + TopicMaking.atOnce, names.count)])
      try make(some, partitions, client.raw)
    }
  }

  private func make(_ names: [String], _ partitions: Int, _ client: OpaquePointer) throws {
    var reason = [CChar](repeating: 0, count: 512)
    var topics: [OpaquePointer?] = []
    defer { for topic in topics { rd_kafka_NewTopic_destroy(topic) } }
    for name in names {
      guard let topic = rd_kafka_NewTopic_new(name, CInt(partitions), -1, &reason, reason.count) else {
        throw BenchError("cannot make topic \(name)")
      }
      topics.append(topic)
    }
    let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS)
    defer { rd_kafka_AdminOptions_destroy(options) }
    // Until every broker knows of them.
    rd_kafka_AdminOptions_set_operation_timeout(options, TopicMaking.limit, &reason, reason.count)
    let queue = rd_kafka_queue_new(client)
    defer { rd_kafka_queue_destroy(queue) }
    rd_kafka_CreateTopics(client, &topics, topics.count, options, queue)
    guard let event = rd_kafka_queue_poll(queue, TopicMaking.limit) else {
      throw BenchError("\(names.count) topics were not made within a minute")
    }
    defer { rd_kafka_event_destroy(event) }
    guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw BenchError("cannot make topics: \(text(rd_kafka_event_error_string(event)))")
    }
    var count = 0
    guard let result = rd_kafka_event_CreateTopics_result(event),
      let results = rd_kafka_CreateTopics_result_topics(result, &count), count == names.count
    else { throw BenchError("nobody knows whether \(names.count) topics were made") }
    for place in 0..<count where rd_kafka_topic_result_error(results[place]) != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw BenchError(
        "cannot make topic \(names[place]): \(text(rd_kafka_topic_result_error_string(results[place])))")
    }
  }

  private func text(_ characters: UnsafePointer<CChar>?) -> String { characters.map { String(cString: $0) } ?? "" }
}

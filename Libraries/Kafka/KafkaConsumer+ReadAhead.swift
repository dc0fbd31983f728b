import CRdkafka

extension KafkaConsumer {
  /// Partitions that are asked about at once: enough to meet each broker, nearly always.
  private static let questions = 16

  /// Has librdkafka look again whether it may fetch, after each half of what it may read ahead.
  ///
  /// It stops fetching while more than `queuedKilobytes` wait, and looks again after a second, however soon they are
  /// gone (librdkafka before 2.2, which has `fetch.queue.backoff.ms` for that). The thread of a broker looks whenever it
  /// has something to do, so it is given something: a question for offsets, whose answer nobody waits for.
  func keepFetching() {
    takenSinceQuestion = 0
    // Others each time: a broker whose records are all gone is one that must be woken.
    let all = context.assigned.keys
    nextQuestion = nextQuestion &+ KafkaConsumer.questions
    let start = all.isEmpty ? 0 : nextQuestion % all.count
    let list = PartitionList(capacity: KafkaConsumer.questions)
    for partition in all.dropFirst(start).prefix(KafkaConsumer.questions) {
      list.add(partition, offset: Int64(RD_KAFKA_OFFSET_END))
    }
    // A time-out of 0 sends the question; that there is no answer yet is the point.
    _ = list.lend { rd_kafka_offsets_for_times(client.raw, $0, 0) }
  }
}

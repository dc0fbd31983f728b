import CRdkafka
import Dispatch
import Synchronization

extension KafkaConsumer {
  /// Commits what is stored, leaves the group and frees the client. Ends a `nextBatch` that waits. Closing twice is fine.
  ///
  /// - Returns: false if the group could not be left within the limit; then it notices by the session timeout, and the
  ///   client is freed behind the caller's back.
  @discardableResult
  public nonisolated func close(within limit: Duration) async -> Bool {
    isClosing.store(true, ordering: .relaxed)
    return await leave(by: .now + limit)
  }

  private func leave(by deadline: ContinuousClock.Instant) -> Bool {
    if isClosed { return true }
    isClosed = true
    let left = leaveGroup(by: deadline)
    let (client, context) = (client, context)
    // Destroying may block as well (librdkafka 2.0 leaks a reference when a partition is lost), so not on this thread.
    let patience = max(.milliseconds(left ? 500 : 0), deadline - .now)
    let freed = runDetached("kafka.consumer.destroy", within: left ? patience : .zero) { destroy(client, context) }
    return left && freed
  }

  /// What rd_kafka_consumer_close does, with an end.
  private func leaveGroup(by deadline: ContinuousClock.Instant) -> Bool {
    let queue = rd_kafka_queue_new(client.raw)
    defer { rd_kafka_queue_destroy(queue) }
    if let error = rd_kafka_consumer_close_queue(client.raw, queue) {
      rd_kafka_error_destroy(error)
      return false
    }
    while rd_kafka_consumer_closed(client.raw) == 0 {
      guard ContinuousClock.now < deadline else { return false }
      rd_kafka_queue_poll_callback(queue, 20)
    }
    return true
  }
}

/// Frees a client without waiting for its group. May block.
func destroy(_ client: ClientPointer, _ context: ClientContext) {
  rd_kafka_destroy_flags(client.raw, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  withExtendedLifetime(context) {}
}

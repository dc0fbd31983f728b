import CRdkafka
import Synchronization

extension KafkaConsumer {
  /// Commits what is stored, leaves the group and frees the client. Ends a `nextBatch` that waits. Closing twice is fine.
  ///
  /// - Returns: false if the group could not be left within the limit; then it notices by the session timeout, and the
  ///   client is freed behind the caller's back.
  @discardableResult
  public nonisolated func close(within limit: Duration) async -> Bool {
    isClosing.store(true, ordering: .relaxed)
    bell.ring()
    return await leave(by: .now + limit)
  }

  private func leave(by deadline: ContinuousClock.Instant) -> Bool {
    if isClosed { return true }
    isClosed = true
    let (client, context, bell) = (client, context, bell)
    // Both may block for ever (librdkafka 2.0 leaks a reference when a partition is lost), so not on this thread. From
    // here on the context belongs to that one.
    return runDetached("kafka.consumer.close", within: max(.zero, deadline - .now)) {
      rd_kafka_consumer_close(client.raw)
      bell.silence()
      destroy(client, context)
    }
  }
}

/// Frees a client without waiting for its group. May block.
func destroy(_ client: ClientPointer, _ context: ClientContext) {
  rd_kafka_destroy_flags(client.raw, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  withExtendedLifetime(context) {}
}

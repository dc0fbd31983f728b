/// The properties of librdkafka that the bare clients run with: those of the Router's producer and of Flow's consumers.
/// A test compares them with what the services really use. Only the time-out is longer: a queue that is always full holds
/// more than a slow Kafka stores in ten seconds, which would end the measurement instead of measuring it.
enum BareSettings {
  static func producer(brokers: String, _ given: [String: String] = [:]) -> [String: String] {
    common(brokers).merging([
      "enable.idempotence": "true", "acks": "all", "linger.ms": "5", "compression.codec": "lz4",
      "queue.buffering.max.kbytes": "131072", "queue.buffering.max.messages": "500000",
      "message.timeout.ms": "300000", "message.max.bytes": "1000000", "topic.metadata.refresh.interval.ms": "10000",
    ]) { _, own in own }.merging(given) { _, theirs in theirs }
  }

  /// Without a group: nothing is committed.
  static func consumer(brokers: String, _ given: [String: String] = [:]) -> [String: String] {
    common(brokers).merging([
      "group.id": "barito-bench-without-group", "enable.auto.commit": "false", "enable.auto.offset.store": "false",
      "auto.offset.reset": "earliest", "queued.max.messages.kbytes": "32768", "max.partition.fetch.bytes": "524288",
      "topic.metadata.refresh.interval.ms": "5000",
    ]) { _, own in own }.merging(given) { _, theirs in theirs }
  }

  private static func common(_ brokers: String) -> [String: String] {
    [
      "bootstrap.servers": brokers, "client.id": "barito-bench", "log.connection.close": "false",
      "reconnect.backoff.max.ms": "2000",
    ]
  }
}

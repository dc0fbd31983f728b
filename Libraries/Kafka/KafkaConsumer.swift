import Blocking
import CRdkafka
import Dispatch
public import Logging
import Synchronization

/// Reads records in batches, on a thread of its own.
///
/// The loop is: `nextBatch`, work, `store(batch.nextOffsets)`. Have one batch in flight: a rebalance happens only inside
/// `nextBatch` and `keepAlive`, when nothing of ours is outstanding. Every call waits its turn on the one thread, so keep
/// `wait` short where others talk to the consumer as well.
public actor KafkaConsumer {
  private nonisolated let executor = BlockingExecutor(label: "kafka.consumer")
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  nonisolated let client: ClientPointer
  nonisolated let context: ConsumerContext
  nonisolated let isClosing = Atomic(false)
  var isClosed = false
  private var builder = RecordBatchBuilder()
  private var pendingError: KafkaError?
  private var usualSize = (records: 0, bytes: 0)
  let hasGroup: Bool

  /// Makes the client; does not wait for any broker. Then `subscribe` or `assign`.
  public init(_ configuration: KafkaConfiguration, logger: Logger = .silent) throws(KafkaError) {
    let properties = try ConfigurationHandle(configuration.consumerProperties())
    let context = ConsumerContext(log: KafkaLog(logger, client: "consumer"))
    rd_kafka_conf_set_rebalance_cb(properties.raw, onRebalance)
    rd_kafka_conf_set_error_cb(properties.raw, onConsumerError)
    let client = ClientPointer(raw: try properties.makeClient(RD_KAFKA_CONSUMER, context: context))
    // One queue for everything: logs, errors, rebalances and records are all served by nextBatch.
    rd_kafka_set_log_queue(client.raw, nil)
    rd_kafka_poll_set_consumer(client.raw)
    self.client = client
    self.context = context
    hasGroup = configuration.consumer.group != nil || configuration.properties["group.id"] != nil
  }

  deinit {
    guard !isClosed else { return }
    let (client, context) = (client, context)
    DispatchQueue(label: "kafka.consumer.destroy").async { destroy(client, context) }
  }

  // MARK: - What to read

  /// Joins the group for these topics, in place of those before; joining goes on in `nextBatch`. A name that begins with
  /// `^` is a regular expression. Topics that do not exist yet are picked up when they do.
  public func subscribe(_ topics: [String]) throws(KafkaError) {
    try open("subscribe")
    guard hasGroup else { throw KafkaError(.configuration, "cannot subscribe: set consumer.group, or use assign") }
    let list = PartitionList(topics.map { TopicPartition($0, -1) })
    try check(list.lend { rd_kafka_subscribe(client.raw, $0) }, "cannot subscribe to \(topics.count) topics")
  }

  /// Reads exactly these partitions from where they say, in place of those before, without any group.
  public func assign(_ starts: [TopicPartition: StartOffset]) throws(KafkaError) {
    try open("assign")
    // A pause would outlive the assignment.
    try check(PartitionList(context.assigned.keys).lend { rd_kafka_resume_partitions(client.raw, $0) }, "cannot resume")
    let list = PartitionList(offsets: starts.mapValues(\.raw))
    try check(list.lend { rd_kafka_assign(client.raw, $0) }, "cannot assign \(starts.count) partitions")
    context.lost(Array(context.assigned.keys))
    context.gained(Array(starts.keys))
    (context.revoked, context.isParked) = ([], false)
    builder = RecordBatchBuilder()
  }

  /// The partitions that this consumer reads now.
  public var assignment: Set<TopicPartition> { isClosed ? [] : Set(context.assigned.keys) }

  /// Stops fetching these; what was fetched ahead is dropped and fetched again after `resume`.
  public func pause(_ partitions: some Collection<TopicPartition> & Sendable) throws(KafkaError) {
    try open("pause")
    let mine = partitions.filter { context.assigned[$0] != nil }
    context.paused.formUnion(mine)
    try check(PartitionList(mine).lend { rd_kafka_pause_partitions(client.raw, $0) }, "cannot pause partitions")
  }

  public func resume(_ partitions: some Collection<TopicPartition> & Sendable) throws(KafkaError) {
    try open("resume")
    context.paused.subtract(partitions)
    guard !context.isParked else { return }
    let mine = partitions.filter { context.assigned[$0] != nil }
    try check(PartitionList(mine).lend { rd_kafka_resume_partitions(client.raw, $0) }, "cannot resume partitions")
  }

  /// Stops reading these until `rewind`, and forgets what was read ahead of them.
  public func suspend(_ partitions: Set<TopicPartition>) throws(KafkaError) {
    try pause(partitions)
    // They come again: `rewind` goes back to before them.
    builder.drop(partitions)
  }

  /// Reads suspended partitions again, from these offsets. Those that were taken away meanwhile are left out, even where
  /// they have come back: they were read from what is committed.
  public func rewind(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
    try open("rewind")
    let mine = offsets.filter { context.paused.contains($0.key) && context.assigned[$0.key] != nil }
    guard !mine.isEmpty else { return }
    // In this order, and with nothing polled between: what the resumption fetches is outdated by the seek.
    try resume(mine.keys)
    let list = PartitionList(offsets: mine)
    let error = list.lend { rd_kafka_seek_partitions(client.raw, $0, 5_000) }
    try check(rd_kafka_error_code(error), "cannot rewind \(mine.count) partitions")
    for (partition, offset) in mine { context.assigned[partition]?.next = offset }
  }

  // MARK: - Records

  /// Waits for a record, then takes what else is there already.
  ///
  /// - Parameters:
  ///   - maxRecords: at most so many.
  ///   - maxBytes: stops after the record that reaches it.
  ///   - wait: for the first record. A cancelled task or `close` ends the wait within 100 ms.
  /// - Returns: an empty batch if nothing came.
  /// - Throws: `fatal`, `unauthorized`, `offsetOutOfRange`. Trouble that passes by itself only makes batches empty.
  public func nextBatch(
    maxRecords: Int = 500, maxBytes: Int = 4 << 20, wait: Duration = .milliseconds(100)
  ) throws(KafkaError) -> RecordBatch {
    try open("read")
    try unpark()
    context.revoked = []
    context.changed = false
    builder.reserve(records: usualSize.records, bytes: usualSize.bytes)
    let deadline = ContinuousClock.now + wait
    while builder.count < maxRecords, builder.byteCount < maxBytes, pendingError == nil {
      let patience =
        builder.count > 0 ? 0 : min(100, max(0, (deadline - ContinuousClock.now).milliseconds))
      let took = take(waiting: patience)
      if context.changed {
        builder.forget()
        context.changed = false
        // Records of before end the batch here, so that it is stored against the assignment that it came from.
        if builder.count > 0 { break }
        // Nothing is outstanding, so nobody has to hear of it; what comes now belongs to the new assignment.
        context.revoked = []
      }
      if took { continue }
      if builder.count > 0 || patience == 0 || Task.isCancelled || isClosing.load(ordering: .relaxed) { break }
    }
    if builder.count == 0, let error = pendingError ?? context.fatal ?? context.failure {
      (pendingError, context.failure) = (nil, nil)
      throw error
    }
    return finishBatch()
  }

  private func finishBatch() -> RecordBatch {
    let (batch, firsts) = builder.finish()
    for (partition, next) in batch.nextOffsets {
      guard let delivered = context.assigned[partition] else { continue }
      context.assigned[partition] = ConsumerContext.Delivered(
        first: min(delivered.first, firsts[partition] ?? next), next: max(delivered.next, next))
    }
    usualSize = (min(batch.count, 4096), min(batch.byteCount, 8 << 20))
    return batch
  }

  /// - Returns: whether there was anything to take.
  private func take(waiting milliseconds: Int32) -> Bool {
    guard let message = rd_kafka_consumer_poll(client.raw, milliseconds) else { return false }
    defer { rd_kafka_message_destroy(message) }
    guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
      note(message)
      return true
    }
    builder.append(message)
    return true
  }

  /// Keeps the errors that a caller must act on; the rest librdkafka mends by itself.
  private func note(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) }
    let reason = rd_kafka_message_errstr(message).map { String(cString: $0) }
    let error = KafkaError(message.pointee.err, "cannot read \(topic ?? "from Kafka")", reason: reason)
    switch error.code {
    case .fatal, .unauthorized, .offsetOutOfRange: pendingError = error
    default: context.log.logger.debug("a read failed for now", ["kafka.text": error.detail])
    }
  }

  /// Stays in the group without taking records: for a worker that is stuck in a retry. Call it more often than each
  /// `maxPollInterval`; the next `nextBatch` goes on where the last one ended.
  ///
  /// - Returns: the partitions taken away since the last batch, whose records somebody else does now.
  public func keepAlive() throws(KafkaError) -> Set<TopicPartition> {
    try open("keep the membership")
    if !context.isParked {
      context.isParked = true
      try check(PartitionList(context.assigned.keys).lend { rd_kafka_pause_partitions(client.raw, $0) }, "cannot pause")
    }
    // Nothing is fetched any more, so this ends; a record that was faster than the pause waits in the builder.
    while take(waiting: 0), builder.byteCount < 1 << 20 {}
    if context.changed {
      // Delivered now, a record of a partition that comes back would move it past those that were not done before it.
      builder.drop(context.revoked)
      context.changed = false
    }
    if let fatal = context.fatal { throw fatal }
    return context.revoked
  }

  private func unpark() throws(KafkaError) {
    guard context.isParked else { return }
    context.isParked = false
    let mine = context.assigned.keys.filter { !context.paused.contains($0) }
    try check(PartitionList(mine).lend { rd_kafka_resume_partitions(client.raw, $0) }, "cannot resume partitions")
  }
}

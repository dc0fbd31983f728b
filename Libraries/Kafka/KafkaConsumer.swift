import Blocking
import CRdkafka
import Dispatch
import Glibc
public import Logging
import Synchronization

/// Reads records in batches, on a thread of its own.
///
/// The loop is: `nextBatch`, work, `store(batch.nextOffsets)`. A rebalance happens only inside `nextBatch` and `keepAlive`:
/// with one batch in flight nothing of ours is outstanding then. With several, `takeRevoked` after each call says whose
/// records somebody else does now. Every call waits its turn on the one thread, so keep `wait` short where others talk
/// to the consumer as well.
public actor KafkaConsumer {
  private nonisolated let executor = BlockingExecutor(label: "kafka.consumer")
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  nonisolated let client: ClientPointer
  nonisolated let context: ConsumerContext
  nonisolated let bell: RecordBell
  nonisolated let isClosing = Atomic(false)
  var isClosed = false
  private var builder = RecordBatchBuilder()
  private var pendingError: KafkaError?
  private var usualSize = (records: 0, bytes: 0)
  /// Bytes that were delivered since `keepFetching` asked.
  var takenSinceQuestion = 0
  var nextQuestion = 0
  /// What librdkafka may read ahead, in bytes.
  public nonisolated let readAhead: Int
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
    bell = RecordBell(client)
    readAhead = configuration.queuedKilobytes * 1024
    hasGroup = configuration.consumer.group != nil || configuration.properties["group.id"] != nil
  }

  deinit {
    guard !isClosed else { return }
    let (client, context, bell) = (client, context, bell)
    DispatchQueue(label: "kafka.consumer.destroy").async {
      bell.silence()
      destroy(client, context)
    }
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

  /// Whether this consumer reads a partition now.
  public func isAssigned(_ partition: TopicPartition) -> Bool { !isClosed && context.assigned[partition] != nil }

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
    try proceed(partitions)
  }

  /// Reads no record of these topics, in place of those before, until it is called again without them: what was fetched
  /// ahead of them is dropped, and fetched again then. Partitions that come later obey too.
  public func hold(_ topics: Set<String>) throws(KafkaError) {
    try open("hold topics")
    guard topics != context.held else { return }
    let before = context.held
    context.held = topics
    guard !context.isParked else { return }
    let stopping = context.assigned.keys.filter { topics.contains($0.topic) && !before.contains($0.topic) }
    try check(PartitionList(stopping).lend { rd_kafka_pause_partitions(client.raw, $0) }, "cannot pause partitions")
    try proceed(context.assigned.keys.filter { before.contains($0.topic) && !topics.contains($0.topic) })
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
    for (partition, offset) in mine {
      context.paused.remove(partition)
      context.assigned[partition]?.next = offset
      context.sought[partition] = offset
    }
    try proceed(mine.keys)
  }

  /// Reads partitions again that nothing holds back any more, from where they are or were sought to.
  private func proceed(_ partitions: some Collection<TopicPartition> & Sendable) throws(KafkaError) {
    guard !context.isParked else { return }
    let mine = partitions.filter { context.reads($0) }
    guard !mine.isEmpty else { return }
    // In this order, and with nothing polled between: what the resumption fetches is outdated by the seek.
    try check(PartitionList(mine).lend { rd_kafka_resume_partitions(client.raw, $0) }, "cannot resume partitions")
    // A resumption wakes nobody who might fetch.
    defer { keepFetching() }
    // Sought again where nothing was delivered since: a pause goes back to behind the last record that was.
    let sought = context.sought.isEmpty ? [:] : context.sought.filter { context.reads($0.key) && mine.contains($0.key) }
    guard !sought.isEmpty else { return }
    let list = PartitionList(offsets: sought)
    let error = list.lend { rd_kafka_seek_partitions(client.raw, $0, 5_000) }
    try check(rd_kafka_error_code(error), "cannot rewind \(sought.count) partitions")
  }

  // MARK: - Records

  /// Waits for a record, then takes what else is there already, or comes soon.
  ///
  /// - Parameters:
  ///   - maxRecords: at most so many.
  ///   - maxBytes: stops after the record that reaches it.
  ///   - wait: for the first record. A cancelled task or `close` ends the wait within 100 ms.
  ///   - linger: for more, since the first one.
  /// - Returns: an empty batch if nothing came.
  /// - Throws: `fatal`, `unauthorized`, `offsetOutOfRange`. Trouble that passes by itself only makes batches empty.
  public func nextBatch(
    maxRecords: Int = 500, maxBytes: Int = 4 << 20, wait: Duration = .milliseconds(100), linger: Duration = .zero
  ) throws(KafkaError) -> RecordBatch {
    try open("read")
    bell.nudge()
    try unpark()
    context.revoked = []
    builder.reserve(records: usualSize.records, bytes: usualSize.bytes)
    var deadline = ContinuousClock.now + wait
    while builder.count < maxRecords, builder.byteCount < maxBytes, pendingError == nil {
      let wasEmpty = builder.count == 0
      let took = take()
      // None of their records is in this batch, so nobody has to hear of it with the batch.
      context.revoked = []
      if wasEmpty, builder.count > 0 { deadline = ContinuousClock.now + linger }
      // Asked only where there is nothing to take at once: a look at the clock costs as much as a record.
      if took { continue }
      let patience = min(100, (deadline - ContinuousClock.now).milliseconds)
      if patience == 0 || Task.isCancelled || isClosing.load(ordering: .relaxed) { break }
      bell.wait(milliseconds: patience)
    }
    if builder.count == 0, let error = pendingError ?? context.fatal ?? context.failure {
      (pendingError, context.failure) = (nil, nil)
      throw error
    }
    return finishBatch()
  }

  /// Records of partitions that were taken away are somebody else's now. Of one that comes back too: it is read again
  /// from what is committed, and delivered now a record would move it past those that were not done before it.
  private func forgetRevoked() {
    guard context.changed else { return }
    context.changed = false
    builder.drop(context.outdated)
    context.outdated = []
  }

  /// Partitions that were taken away since the last call, also those that came back: what is under way of them counts
  /// no more, since they are read again from what is committed.
  public func takeRevoked() -> Set<TopicPartition> {
    defer { context.gone = [] }
    return context.gone
  }

  private func finishBatch() -> RecordBatch {
    let (batch, firsts) = builder.finish()
    for (partition, next) in batch.nextOffsets {
      guard let delivered = context.assigned[partition] else { continue }
      context.assigned[partition]?.first = min(delivered.first, firsts[partition] ?? next)
      context.assigned[partition]?.next = max(delivered.next, next)
    }
    usualSize = (min(batch.count, 4096), min(batch.byteCount, 8 << 20))
    return batch
  }

  /// - Returns: whether there was anything to take.
  private func take() -> Bool {
    let message = rd_kafka_consumer_poll(client.raw, 0)
    // Rebalances that the poll served came before the message that it gave: that one is of the new assignment.
    forgetRevoked()
    guard let message else { return false }
    defer { rd_kafka_message_destroy(message) }
    guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
      note(message)
      return true
    }
    if !context.sought.isEmpty, let topic = message.pointee.rkt {
      context.sought[TopicPartition(String(cString: rd_kafka_topic_name(topic)), message.pointee.partition)] = nil
    }
    builder.append(message)
    takenSinceQuestion += message.pointee.len
    if takenSinceQuestion >= readAhead / 2 { keepFetching() }
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
    bell.nudge()
    // Nothing is fetched any more, so this ends; a record that was faster than the pause waits in the builder.
    while take(), builder.byteCount < 1 << 20 {}
    if let fatal = context.fatal { throw fatal }
    return context.revoked
  }

  private func unpark() throws(KafkaError) {
    guard context.isParked else { return }
    context.isParked = false
    try proceed(context.assigned.keys)
  }
}

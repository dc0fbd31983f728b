import CRdkafka

extension StartOffset {
  var raw: Int64 {
    switch self {
    case .offset(let offset): offset
    case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
    case .end: Int64(RD_KAFKA_OFFSET_END)
    case .committed: Int64(RD_KAFKA_OFFSET_STORED)
    }
  }
}

extension KafkaConsumer {
  /// Marks everything before these offsets as done; committed within a second, at a rebalance and at `close`.
  ///
  /// Ignored for partitions that this consumer does not read any more, and for offsets that it did not deliver since
  /// the partition was assigned to it: somebody else may be further by now.
  public func store(_ nextOffsets: [TopicPartition: Int64]) throws(KafkaError) {
    try open("store offsets")
    let mine = nextOffsets.filter { partition, offset in
      guard let delivered = context.assigned[partition] else { return false }
      return delivered.first < offset && offset <= delivered.next
    }
    guard !mine.isEmpty else { return }
    let list = PartitionList(offsets: mine)
    let error = list.lend { rd_kafka_offsets_store(client.raw, $0) }
    // A partition that is being taken away right now: its new owner starts from what was stored before.
    guard error != RD_KAFKA_RESP_ERR__STATE else { return }
    try check(error, "cannot store the offsets of \(mine.count) partitions")
  }

  /// Has what is stored committed now, and does not wait for it.
  ///
  /// librdkafka commits each second by itself, but counts its waits by the wall clock: one that jumps back holds that up
  /// with all else that its main thread does. To be asked wakes it.
  public func commitSoon() throws(KafkaError) {
    try open("commit")
    let error = rd_kafka_commit(client.raw, nil, 1)
    if error != RD_KAFKA_RESP_ERR__NO_OFFSET { try check(error, "cannot commit") }
  }

  /// Commits what is stored, and waits for it. Rarely needed: it happens by itself each second.
  public func commit(timeout: Duration = .seconds(10)) throws(KafkaError) {
    try open("commit")
    let queue = rd_kafka_queue_new(client.raw)
    defer { rd_kafka_queue_destroy(queue) }
    // rd_kafka_commit waits for ever when there is no coordinator; a queue of our own can be left.
    let refused = rd_kafka_commit_queue(client.raw, nil, queue, nil, nil)
    if refused == RD_KAFKA_RESP_ERR__NO_OFFSET { return }
    try check(refused, "cannot commit")
    guard let event = rd_kafka_queue_poll(queue, timeout.milliseconds) else {
      throw KafkaError(.timedOut, "cannot commit: no answer within \(timeout)")
    }
    defer { rd_kafka_event_destroy(event) }
    let error = rd_kafka_event_error(event)
    if error == RD_KAFKA_RESP_ERR__NO_OFFSET { return }
    try check(error, "cannot commit")
  }

  /// The offsets that the group has committed; partitions without one are left out.
  public func committed(
    _ partitions: [TopicPartition], timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try open("ask for committed offsets")
    let list = PartitionList(partitions)
    try check(
      list.lend { rd_kafka_committed(client.raw, $0, timeout.milliseconds) }, "cannot ask for committed offsets")
    return try offsets(of: list, "cannot ask for the committed offset")
  }

  /// The offset of the first record whose timestamp is this or later (milliseconds since 1970), for each partition;
  /// `nil` where all are older, which is where `end` is.
  public func offsets(
    for times: [TopicPartition: Int64], timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> [TopicPartition: Int64?] {
    try open("ask for offsets")
    let found = try listOffsets(times, timeout)
    return Dictionary(uniqueKeysWithValues: times.keys.map { ($0, found[$0]) })
  }

  /// The oldest offset of a partition, and the one after its newest.
  public func watermarks(
    _ partition: TopicPartition, timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> Range<Int64> {
    guard let range = try watermarks([partition], timeout: timeout)[partition] else {
      throw KafkaError(.unknownTopic, "cannot ask for the watermarks of \(partition): no answer for it")
    }
    return range
  }

  /// The same for many partitions at once.
  public func watermarks(
    _ partitions: [TopicPartition], timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> [TopicPartition: Range<Int64>] {
    try open("ask for watermarks")
    let high = try ends(RD_KAFKA_OFFSET_END, of: partitions, timeout)
    let low = try ends(RD_KAFKA_OFFSET_BEGINNING, of: partitions, timeout)
    return low.reduce(into: [:]) { all, low in
      all[low.key] = low.value..<max(low.value, high[low.key] ?? low.value)
    }
  }

  /// The offset after the newest record of each partition: half the requests of `watermarks`.
  public func ends(
    of partitions: [TopicPartition], timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try open("ask for the newest offsets")
    return try ends(RD_KAFKA_OFFSET_END, of: partitions, timeout)
  }

  /// rd_kafka_query_watermark_offsets does not keep its time-out while the leader is down. The times -2 and -1 are the
  /// protocol's words for the two ends.
  private func ends(
    _ end: Int32, of partitions: [TopicPartition], _ timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try listOffsets(Dictionary(partitions.map { ($0, Int64(end)) }) { first, _ in first }, timeout)
  }

  private func listOffsets(
    _ times: [TopicPartition: Int64], _ timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    let list = PartitionList(offsets: times)
    let doing = "cannot ask for the offsets of \(times.count) partitions"
    try check(list.lend { rd_kafka_offsets_for_times(client.raw, $0, timeout.milliseconds) }, doing)
    return try offsets(of: list, "cannot ask for the offset")
  }

  /// The offset of the next record that `nextBatch` will deliver; partitions that delivered none yet are left out.
  public func positions() throws(KafkaError) -> [TopicPartition: Int64] {
    try open("ask for positions")
    return context.assigned.compactMapValues { $0.next == .min ? nil : $0.next }
  }

  /// Records not delivered yet, by what the brokers last said. No request is made, but for what is committed of
  /// partitions that delivered none yet, once. Partitions of which nothing is known yet are left out.
  ///
  /// - Parameter topics: of these alone; nil of all.
  public func lag(of topics: Set<String>? = nil) throws(KafkaError) -> [TopicPartition: Int64] {
    try open("ask for the lag")
    var all: [TopicPartition: Int64] = [:]
    var isUnknown = false
    for (partition, delivered) in context.assigned {
      if let topics, !topics.contains(partition.topic) { continue }
      var (low, high) = (Int64(0), Int64(0))
      let error = rd_kafka_get_watermark_offsets(client.raw, partition.topic, partition.partition, &low, &high)
      guard error == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { continue }
      if delivered.next != .min {
        all[partition] = max(0, high - delivered.next)
      } else if delivered.isBeginningKnown {
        all[partition] = max(0, high - max(low, delivered.beginning ?? low))
      } else {
        isUnknown = true
      }
    }
    guard isUnknown, hasGroup, learnBeginnings() else { return all }
    return try lag(of: topics)
  }

  /// Asks where the group is in partitions that delivered nothing yet. Where nobody answers it is not asked again soon:
  /// everything else waits meanwhile.
  /// - Returns: whether something was learned.
  private func learnBeginnings() -> Bool {
    guard ContinuousClock.now >= context.nextQuestion else { return false }
    context.nextQuestion = .now + .seconds(30)
    let list = PartitionList(context.assigned.filter { !$0.value.isBeginningKnown && $0.value.next == .min }.keys)
    guard list.lend({ rd_kafka_committed(client.raw, $0, 2_000) }) == RD_KAFKA_RESP_ERR_NO_ERROR else { return false }
    var isNew = false
    list.visit { partition, element in
      guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
      isNew = true
      context.assigned[partition]?.isBeginningKnown = true
      context.assigned[partition]?.beginning = element.offset >= 0 ? element.offset : nil
    }
    if isNew { context.nextQuestion = .now }
    return isNew
  }

  private func offsets(of list: borrowing PartitionList, _ doing: String) throws(KafkaError) -> [TopicPartition: Int64]
  {
    var all: [TopicPartition: Int64] = [:]
    var failure: KafkaError?
    list.visit { partition, element in
      if element.err != RD_KAFKA_RESP_ERR_NO_ERROR {
        failure = KafkaError(element.err, "\(doing) of \(partition)")
      } else if element.offset >= 0 {
        all[partition] = element.offset
      }
    }
    if let failure { throw failure }
    return all
  }

  func open(_ doing: String) throws(KafkaError) {
    guard !isClosed else { throw KafkaError(.closed, "cannot \(doing): the consumer is closed") }
  }

  func check(_ error: rd_kafka_resp_err_t, _ doing: @autoclosure () -> String) throws(KafkaError) {
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(error, doing()) }
  }
}

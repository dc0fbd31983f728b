import CRdkafka

/// What sending the same lines costs without a Router: `rd_kafka_produce` in a loop, and the delivery reports.
struct BareProducer {
  /// When to stop.
  enum Goal {
    case seconds(Double)
    case lines(Int)
  }

  let properties: [String: String]
  /// Each gets the next few lines in turn.
  let topics: [String]
  let lines: [[UInt8]]
  /// Lines that may be unacknowledged at once; nil for as many as the queue holds.
  var window: Int?
  /// Lines per second; nil for as many as there is room for.
  var rate: Int?

  static let batch = 500
  /// Lines that go into one topic before it is the next one's turn.
  private static let turn = 100
  /// At a rate they are sent so many times a second.
  private static let steps = 200

  /// - Returns: lines acknowledged, seconds from the first one sent to the last one acknowledged, CPU seconds within. The
  ///   first batch, which is sent before, is not among them.
  func run(_ goal: Goal) throws -> (lines: Int, seconds: Double, cpuSeconds: Double) {
    let deliveries = Deliveries()
    let client = try BareClient(RD_KAFKA_PRODUCER, properties, deliveries: deliveries)
    var handles: [OpaquePointer] = []
    defer { for handle in handles { rd_kafka_topic_destroy(handle) } }
    for topic in topics {
      guard let handle = rd_kafka_topic_new(client.raw, topic, nil) else {
        throw BenchError("cannot open topic \(topic): \(String(cString: rd_kafka_err2str(rd_kafka_last_error())))")
      }
      handles.append(handle)
    }
    // The connection, the metadata and the producer's id, which the Router has had for long.
    try send(BareProducer.batch, from: 0, client.raw, handles)
    try flush(client.raw, until: BareProducer.batch, deliveries)

    let (start, cpu) = (ContinuousClock.now, ProcessUsage.ownCPUSeconds)
    var sent = 0
    while let count = next(goal, sent, start) {
      if let window {
        while BareProducer.batch + sent - deliveries.delivered - deliveries.failed > window - BareProducer.batch {
          rd_kafka_poll(client.raw, 100)
        }
      }
      if let rate { try wait(until: start + .seconds(Double(sent) / Double(rate)), client.raw) }
      try send(count, from: BareProducer.batch + sent, client.raw, handles)
      sent += count
      rd_kafka_poll(client.raw, 0)
    }
    try flush(client.raw, until: BareProducer.batch + sent, deliveries)
    return (sent, (ContinuousClock.now - start) / .seconds(1), ProcessUsage.ownCPUSeconds - cpu)
  }

  /// How many lines are sent next; nil when it is enough.
  private func next(_ goal: Goal, _ sent: Int, _ start: ContinuousClock.Instant) -> Int? {
    let step = rate.map { max(1, $0 / BareProducer.steps) } ?? BareProducer.batch
    switch goal {
    case .seconds(let seconds): return ContinuousClock.now - start < .seconds(seconds) ? step : nil
    case .lines(let count): return sent < count ? min(step, count - sent) : nil
    }
  }

  /// Serves delivery reports meanwhile.
  private func wait(until due: ContinuousClock.Instant, _ client: OpaquePointer) throws {
    while true {
      let left = due - .now
      guard left > .zero else { return }
      rd_kafka_poll(client, CInt(min(100, max(1, left / .milliseconds(1)))))
    }
  }

  private func send(_ count: Int, from first: Int, _ client: OpaquePointer, _ topics: [OpaquePointer]) throws {
    for number in first..<first + count {
      let line = lines[number % lines.count]
      let topic = topics[number / BareProducer.turn % topics.count]
      let refused = line.withUnsafeBytes { bytes in
        while true {
          let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
          if rd_kafka_produce(
            topic, RD_KAFKA_PARTITION_UA, CInt(RD_KAFKA_MSG_F_COPY), base, bytes.count, nil, 0, nil) == 0
          {
            return false
          }
          guard rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL else { return true }
          rd_kafka_poll(client, 100)
        }
      }
      if refused { throw BenchError("cannot send: \(String(cString: rd_kafka_err2str(rd_kafka_last_error())))") }
    }
  }

  /// Waits for reports without `rd_kafka_flush`, which would cut the linger short.
  private func flush(_ client: OpaquePointer, until count: Int, _ deliveries: Deliveries) throws {
    while deliveries.delivered + deliveries.failed < count { rd_kafka_poll(client, 100) }
    guard deliveries.failed == 0 else {
      throw BenchError("\(deliveries.failed) of \(count) lines were not stored: \(deliveries.failure)")
    }
  }
}

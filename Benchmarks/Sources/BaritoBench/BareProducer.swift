import CRdkafka

/// What sending the same lines costs without a Router: `rd_kafka_produce` in a loop, and the delivery reports.
struct BareProducer {
  /// When to stop.
  enum Goal {
    case seconds(Double)
    case lines(Int)
  }

  let properties: [String: String]
  let topic: String
  let lines: [[UInt8]]
  /// Lines that may be unacknowledged at once; nil for as many as the queue holds.
  var window: Int?

  static let batch = 500

  /// - Returns: lines acknowledged, seconds from the first one sent to the last one acknowledged, CPU seconds within.
  func run(_ goal: Goal) throws -> (lines: Int, seconds: Double, cpuSeconds: Double) {
    let deliveries = Deliveries()
    let client = try BareClient(RD_KAFKA_PRODUCER, properties, deliveries: deliveries)
    guard let topic = rd_kafka_topic_new(client.raw, topic, nil) else {
      throw BenchError("cannot open topic \(topic): \(String(cString: rd_kafka_err2str(rd_kafka_last_error())))")
    }
    defer { rd_kafka_topic_destroy(topic) }
    // The connection, the metadata and the producer's id, which the Router has had for long.
    try send(BareProducer.batch, from: 0, client.raw, topic)
    try flush(client.raw, until: BareProducer.batch, deliveries)

    let (start, cpu) = (ContinuousClock.now, ProcessUsage.ownCPUSeconds)
    var sent = 0
    while isShort(of: goal, sent, start) {
      if let window {
        while BareProducer.batch + sent - deliveries.delivered - deliveries.failed > window - BareProducer.batch {
          rd_kafka_poll(client.raw, 100)
        }
      }
      try send(BareProducer.batch, from: sent, client.raw, topic)
      sent += BareProducer.batch
      rd_kafka_poll(client.raw, 0)
    }
    try flush(client.raw, until: BareProducer.batch + sent, deliveries)
    return (sent, (ContinuousClock.now - start) / .seconds(1), ProcessUsage.ownCPUSeconds - cpu)
  }

  private func isShort(of goal: Goal, _ sent: Int, _ start: ContinuousClock.Instant) -> Bool {
    switch goal {
    case .seconds(let seconds): ContinuousClock.now - start < .seconds(seconds)
    case .lines(let count): sent < count
    }
  }

  private func send(_ count: Int, from first: Int, _ client: OpaquePointer, _ topic: OpaquePointer) throws {
    for number in first..<first + count {
      let line = lines[number % lines.count]
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

import CRdkafka
import Dispatch
public import Logging

/// Sends messages, idempotent and acknowledged by all in-sync replicas.
///
/// `produce` copies the bytes and returns at once, from any thread; the ticket settles when Kafka has answered for every
/// message. One thread of its own serves the delivery reports. Close it: a producer that is only forgotten gives what
/// waits a second and then fails it.
public final class KafkaProducer: Sendable {
  private let client: ClientPointer
  private let context: ProducerContext

  /// Makes the client and its threads; does not wait for any broker.
  public init(_ configuration: KafkaConfiguration, logger: Logger = .silent) throws(KafkaError) {
    let properties = try ConfigurationHandle(configuration.producerProperties())
    let context = ProducerContext(
      log: KafkaLog(logger, client: "producer"), maxMessages: properties.number("queue.buffering.max.messages"),
      maxBytes: properties.number("queue.buffering.max.kbytes") * 1024,
      largestMessage: properties.number("message.max.bytes"))
    // The context keeps these limits, call by call.
    properties.set("queue.buffering.max.messages", "10000000")
    properties.set("queue.buffering.max.kbytes", "2147483647")
    rd_kafka_conf_set_dr_msg_cb(properties.raw, onDelivery)
    rd_kafka_conf_set_error_cb(properties.raw, onProducerError)
    let client = ClientPointer(raw: try properties.makeClient(RD_KAFKA_PRODUCER, context: context))
    rd_kafka_set_log_queue(client.raw, nil)
    self.client = client
    self.context = context
    context.begin(client)
    DispatchQueue(label: "kafka.producer").async { serve(client, context) }
  }

  deinit { context.close(by: .now + .seconds(1)) }

  /// Messages of calls whose tickets have not settled.
  public var outstanding: Int { context.outstanding }
  /// Their bytes: keys, values and headers.
  public var outstandingBytes: Int { context.outstandingBytes }
  /// Whether an error ended this producer for good: close it and make another.
  public var isFatal: Bool { context.fatal != nil }
  /// That error.
  public var fatalError: KafkaError? { context.fatal }

  /// Sends many values, without keys, to one topic; librdkafka spreads them over its partitions.
  ///
  /// - Parameters:
  ///   - values: where each value is in `bytes`.
  ///   - timestamp: of every message, in milliseconds since 1970; nil for now.
  ///   - headers: on every message.
  ///   - ticket: settles when all were reported on.
  /// - Throws: before anything is sent: `queueFull`, `tooLarge`, `closed`, `fatal`. Everything later is in the result.
  public func produce(
    _ values: [Range<Int>], in bytes: borrowing Span<UInt8>, to topic: String, timestamp: Int64? = nil,
    headers: [KafkaHeader] = [], ticket: DeliveryTicket
  ) throws(KafkaError) {
    let perMessage = headers.reduce(0) { $0 + $1.size }
    var total = perMessage * values.count
    for range in values {
      try check(range, to: topic)
      total += range.count
    }
    guard timestamp != nil || !headers.isEmpty else {
      return try sendPlain(values, size: total, bytes, topic, ticket)
    }
    let common = CommonHeaders(headers)
    try send(values.count, size: total, bytes, topic, timestamp ?? 0, ticket) { index, call in
      let range = values[index]
      return barito_produce(
        call.client, call.topic, call.base(range), range.count, nil, 0, call.timestamp, common.copy(), call.opaque)
    }
  }

  /// Sends many messages with keys, headers of their own, or tombstones to one topic. Otherwise the same.
  public func produce(
    _ messages: [ProducerMessage], in bytes: borrowing Span<UInt8>, to topic: String, timestamp: Int64? = nil,
    headers: [KafkaHeader] = [], ticket: DeliveryTicket
  ) throws(KafkaError) {
    var total = headers.reduce(0) { $0 + $1.size } * messages.count
    for message in messages {
      let (value, key) = (message.value ?? 0..<0, message.key ?? 0..<0)
      try check(value, key, to: topic)
      total += value.count + key.count + message.headers.reduce(0) { $0 + $1.size }
    }
    let common = CommonHeaders(headers)
    try send(messages.count, size: total, bytes, topic, timestamp ?? 0, ticket) { index, call in
      let message = messages[index]
      return barito_produce(
        call.client, call.topic, message.value.map(call.base), message.value?.count ?? 0, message.key.map(call.base),
        message.key?.count ?? 0, call.timestamp, common.copy(adding: message.headers), call.opaque)
    }
  }

  /// Sends one message and waits for its acknowledgement; at most the message timeout.
  @discardableResult
  public func send(
    _ value: [UInt8], key: [UInt8]? = nil, to topic: String, timestamp: Int64? = nil, headers: [KafkaHeader] = []
  ) async throws(KafkaError) -> DeliveryResult {
    let ticket = DeliveryTicket()
    let bytes = value + (key ?? [])
    let message = ProducerMessage(value: 0..<value.count, key: key.map { _ in value.count..<bytes.count })
    try produce([message], in: bytes.span, to: topic, timestamp: timestamp, headers: headers, ticket: ticket)
    return try await ticket.result.get()
  }

  /// Waits until everything sent so far was reported on.
  ///
  /// - Returns: false if that took longer than the limit.
  public func flush(within limit: Duration) async -> Bool {
    await withCheckedContinuation { context.awaitFlush(.init(until: .now + limit, continuation: $0)) }
  }

  /// Refuses what comes, waits for what is on its way, fails the rest; then every ticket is settled.
  ///
  /// - Returns: whether everything was reported on within the limit. It takes at most two seconds longer.
  @discardableResult
  public func close(within limit: Duration) async -> Bool {
    context.close(by: .now + limit)
    return await withCheckedContinuation { context.awaitEnd($0) }
  }
}

/// What one call hands to librdkafka again and again.
private struct Call {
  let client: OpaquePointer
  let topic: OpaquePointer
  let bytes: UnsafeRawBufferPointer
  let timestamp: Int64
  let opaque: UnsafeMutableRawPointer

  /// Never null, even for no bytes: null is a tombstone.
  func base(_ range: Range<Int>) -> UnsafeRawPointer {
    if range.isEmpty { return UnsafeRawPointer(opaque) }
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a message lies outside of its buffer")
    return bytes.baseAddress! + range.lowerBound
  }
}

extension KafkaProducer {
  @inline(__always)
  private func check(_ value: Range<Int>, _ key: Range<Int> = 0..<0, to topic: String) throws(KafkaError) {
    guard value.count + key.count > context.largestMessage else { return }
    throw KafkaError(
      .tooLarge,
      "cannot send a message of \(value.count + key.count) bytes to \(topic): the limit is "
        + "\(context.largestMessage) bytes")
  }

  /// Values alone, stamped now: librdkafka takes many at once, at less than half the cost of one after the other.
  private func sendPlain(
    _ values: [Range<Int>], size: Int, _ bytes: borrowing Span<UInt8>, _ topic: String, _ ticket: DeliveryTicket
  ) throws(KafkaError) {
    try send(values.count, size: size, bytes, topic, 0, ticket) { call in
      var sent = 0
      var failed = 0
      var error = RD_KAFKA_RESP_ERR_NO_ERROR
      withUnsafeTemporaryAllocation(of: rd_kafka_message_t.self, capacity: min(values.count, 512)) { messages in
        while sent < values.count {
          let count = min(messages.count, values.count - sent)
          for place in 0..<count {
            let range = values[sent + place]
            var message = rd_kafka_message_t()
            message.payload = UnsafeMutableRawPointer(mutating: call.base(range))
            message.len = range.count
            message._private = call.opaque
            messages.initializeElement(at: place, to: message)
          }
          let taken = rd_kafka_produce_batch(
            call.topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, messages.baseAddress, Int32(count))
          if taken < count {
            failed += count - Int(taken)
            error = messages[..<count].first { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }?.err ?? error
          }
          sent += count
        }
      }
      return (failed, error)
    }
  }

  /// One message after the other; ends at the first that is refused.
  @inline(__always)
  private func send(
    _ count: Int, size: Int, _ bytes: borrowing Span<UInt8>, _ topic: String, _ timestamp: Int64,
    _ ticket: DeliveryTicket, _ enqueue: (Int, Call) -> rd_kafka_resp_err_t
  ) throws(KafkaError) {
    try send(count, size: size, bytes, topic, timestamp, ticket) { call in
      for index in 0..<count {
        let error = enqueue(index, call)
        if error != RD_KAFKA_RESP_ERR_NO_ERROR { return (count - index, error) }
      }
      return (0, RD_KAFKA_RESP_ERR_NO_ERROR)
    }
  }

  /// Reserves the budget, enqueues every message, and leaves the rest to the delivery reports.
  ///
  /// - Parameter enqueue: tells how many messages were refused, and why.
  @inline(__always)
  private func send(
    _ count: Int, size: Int, _ bytes: borrowing Span<UInt8>, _ topic: String, _ timestamp: Int64,
    _ ticket: DeliveryTicket, enqueue: (Call) -> (refused: Int, error: rd_kafka_resp_err_t)
  ) throws(KafkaError) {
    precondition(count > 0, "a produce call has at least one message")
    if let refusal = context.enter(messages: count, bytes: size, topic: topic) { throw refusal }
    defer { context.leave() }
    guard let handle = context.topic(topic, of: client.raw) else {
      context.release(messages: count, bytes: size)
      throw KafkaError(rd_kafka_last_error(), "cannot send to \(topic)")
    }
    ticket.begin(topic: topic, count: count, bytes: size, producer: context)
    let (refused, error) = bytes.withUnsafeBytes { bytes in
      enqueue(
        Call(
          client: client.raw, topic: handle.raw, bytes: bytes, timestamp: timestamp,
          opaque: Unmanaged.passUnretained(ticket).toOpaque()))
    }
    guard refused > 0 else { return }
    let refusal = context.fatal ?? KafkaError(error, "cannot send to \(topic)")
    guard refused == count else { return ticket.failed(refused) { refusal } }
    ticket.abandon()
    context.release(messages: count, bytes: size)
    throw refusal
  }
}

/// The delivery thread: serves reports until the producer is closed, then takes it apart.
private func serve(_ client: ClientPointer, _ context: ProducerContext) {
  // Asleep until there is a report, a log line or an error to serve, or the context wakes it.
  while let limit = context.turn(now: .now) { rd_kafka_poll(client.raw, limit.milliseconds + 1) }
  let drained = context.outstanding == 0
  if !context.isQuiet {
    rd_kafka_purge(client.raw, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    let patience = ContinuousClock.now + .seconds(2)
    while !context.isQuiet, ContinuousClock.now < patience { rd_kafka_poll(client.raw, 10) }
  }
  // Calls do not block, so this is short.
  while !context.isUnused { rd_kafka_poll(client.raw, 1) }
  context.end(drained: drained)
  rd_kafka_destroy(client.raw)
  withExtendedLifetime(context) {}
}

import CRdkafka
import Synchronization

/// What the threads of one producer share: the budget of bytes in flight, the topic handles, and whether it goes on.
///
/// librdkafka's own queue limits are lifted and kept here instead, because it can refuse a message in the middle of a
/// call, and this refuses calls whole.
final class ProducerContext: ClientContext, @unchecked Sendable {
  struct Flush {
    let until: ContinuousClock.Instant
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var messages = 0
    var bytes = 0
    /// What the delivery thread polls, as long as there is a client.
    var queue: OpaquePointer?
    /// Calls that are inside librdkafka now; the client may not be destroyed under them.
    var calls = 0
    var closeBy: ContinuousClock.Instant?
    /// Once the client is gone: whether everything was reported on before its deadline.
    var drained: Bool?
    var fatal: KafkaError?
    var topics: [String: OpaquePointer] = [:]
    var flushes: [Flush] = []
    var closers: [CheckedContinuation<Bool, Never>] = []

    /// Lets the delivery thread look around. Under the lock, so that the queue is there as long as it takes.
    func wake() { if let queue { rd_kafka_queue_yield(queue) } }
  }

  /// The pointers in it are topic handles, which librdkafka lets any thread use.
  private struct Box: @unchecked Sendable { var state = State() }

  /// Whatever happens wakes the poll.
  private static let longestPoll: Duration = .seconds(3600)

  private let box = Mutex(Box())
  let maxMessages: Int
  let maxBytes: Int
  let largestMessage: Int

  init(log: KafkaLog, maxMessages: Int, maxBytes: Int, largestMessage: Int) {
    self.maxMessages = maxMessages
    self.maxBytes = maxBytes
    self.largestMessage = largestMessage
    super.init(log: log)
  }

  /// Before the delivery thread begins.
  func begin(_ client: ClientPointer) { withState { $0.queue = rd_kafka_queue_get_main(client.raw) } }

  private func withState<T: Sendable>(_ body: (inout sending State) -> T) -> T { box.withLock { body(&$0.state) } }

  var outstanding: Int { withState { $0.messages } }
  var outstandingBytes: Int { withState { $0.bytes } }
  var fatal: KafkaError? { withState { $0.fatal } }

  /// Enters a call that sends so many messages and bytes, or says why it may not. Pair with `leave`.
  func enter(messages: Int, bytes: Int, topic: String) -> KafkaError? {
    withState { state in
      if state.closeBy != nil { return KafkaError(.closed, "cannot send to \(topic): the producer is closed") }
      if let fatal = state.fatal { return fatal }
      guard state.messages + messages <= maxMessages, state.bytes + bytes <= maxBytes else {
        let never = messages > maxMessages || bytes > maxBytes
        return KafkaError(
          never ? .tooLarge : .queueFull,
          "cannot send \(messages) messages of \(bytes) bytes to \(topic): \(state.messages) messages of \(state.bytes) "
            + "bytes wait for acknowledgements, the limit is \(maxMessages) messages and \(maxBytes) bytes")
      }
      state.messages += messages
      state.bytes += bytes
      state.calls += 1
      return nil
    }
  }

  func leave() { withState { $0.calls -= 1 } }

  func release(messages: Int, bytes: Int) {
    withState {
      $0.messages -= messages
      $0.bytes -= bytes
      // Seldom: most are released by the delivery thread itself.
      if $0.messages == 0, $0.closeBy != nil || !$0.flushes.isEmpty { $0.wake() }
    }
  }

  /// The handle of a topic, made once. Only between `enter` and `leave`.
  func topic(_ name: String, of client: OpaquePointer) -> ClientPointer? {
    box.withLock { box in
      if let known = box.state.topics[name] { return ClientPointer(raw: known) }
      guard let made = rd_kafka_topic_new(client, name, nil) else { return nil }
      box.state.topics[name] = made
      return ClientPointer(raw: made)
    }
  }

  func becameFatal(_ error: KafkaError) { withState { if $0.fatal == nil { $0.fatal = error } } }

  /// Resumes with whether everything was reported on in time.
  func awaitFlush(_ flush: Flush) {
    let known = withState { state in
      if state.drained == nil { state.flushes.append(flush) }
      state.wake()
      return state.drained
    }
    if let known { flush.continuation.resume(returning: known) }
  }

  /// Resumes once every ticket is settled and the client is about to go.
  func awaitEnd(_ closer: CheckedContinuation<Bool, Never>) {
    let known = withState { state in
      if state.drained == nil { state.closers.append(closer) }
      return state.drained
    }
    if let known { closer.resume(returning: known) }
  }

  func close(by deadline: ContinuousClock.Instant) {
    withState {
      if $0.closeBy == nil { $0.closeBy = deadline }
      $0.wake()
    }
  }

  /// What the delivery thread does after each poll.
  ///
  /// - Returns: how long the next poll may take at most; nil once the client is to be destroyed.
  func turn(now: ContinuousClock.Instant) -> Duration? {
    let (ended, isEmpty, next) = withState { state in
      let isEmpty = state.messages == 0
      let ended = state.flushes.filter { isEmpty || $0.until <= now }
      state.flushes.removeAll { isEmpty || $0.until <= now }
      let mustEnd = state.closeBy.map { isEmpty || now >= $0 } ?? false
      let next = (state.flushes.map(\.until) + [state.closeBy ?? now + ProducerContext.longestPoll]).min()
      return (ended, isEmpty, mustEnd ? nil : next)
    }
    for flush in ended { flush.continuation.resume(returning: isEmpty) }
    return next.map { $0 - now }
  }

  /// Nobody is inside librdkafka and everything was reported on.
  var isQuiet: Bool { withState { $0.calls == 0 && $0.messages == 0 } }
  var isUnused: Bool { withState { $0.calls == 0 } }

  /// Frees the topic handles and answers whoever still waits.
  func end(drained: Bool) {
    let waiting = withState { state in
      for topic in state.topics.values { rd_kafka_topic_destroy(topic) }
      state.topics = [:]
      state.drained = drained
      if let queue = state.queue { rd_kafka_queue_destroy(queue) }
      state.queue = nil
      defer { (state.flushes, state.closers) = ([], []) }
      return state.flushes.map(\.continuation) + state.closers
    }
    for waiter in waiting { waiter.resume(returning: drained) }
  }
}

/// Called from poll for errors that belong to no message; only the fatal one matters to a producer.
func onProducerError(
  _ client: OpaquePointer?, _ error: Int32, _ reason: UnsafePointer<CChar>?, _ opaque: UnsafeMutableRawPointer?
) {
  guard let client, let opaque, rd_kafka_resp_err_t(error) == RD_KAFKA_RESP_ERR__FATAL else { return }
  var buffer = [CChar](repeating: 0, count: 512)
  let cause = rd_kafka_fatal_error(client, &buffer, buffer.count)
  var fatal = KafkaError(cause, "the producer cannot go on and must be replaced", reason: text(buffer))
  (fatal.code, fatal.disposition) = (.fatal, .fatal)
  Unmanaged<ProducerContext>.fromOpaque(opaque).takeUnretainedValue().becameFatal(fatal)
}

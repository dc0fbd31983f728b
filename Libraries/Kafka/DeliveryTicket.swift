import CRdkafka
import Synchronization

/// Counts down the delivery reports of one `produce` and settles exactly once, however many messages there were.
///
/// One ticket serves one call. If that call throws, nothing was sent, the ticket does not settle and may be used again.
/// librdkafka holds the ticket by one retain that the settling gives back.
public final class DeliveryTicket: Sendable {
  private struct State {
    var remaining = 0
    var result: DeliveryResult?
    var isSettled = false
    var budget: (producer: ProducerContext, bytes: Int)?
    var waiting: [CheckedContinuation<DeliveryResult, Never>] = []
  }

  private let state = Mutex(State())
  private let onSettled: (@Sendable (DeliveryResult) -> Void)?

  /// - Parameter onSettled: called once, usually on the thread that serves delivery reports, where it must not block;
  ///   possibly before `produce` has returned.
  public init(onSettled: (@Sendable (DeliveryResult) -> Void)? = nil) { self.onSettled = onSettled }

  /// The result, once every message was reported on. Bounded by the producer's `messageTimeout`; cancelling the task
  /// does not shorten it.
  public var result: DeliveryResult {
    get async {
      await withCheckedContinuation { continuation in
        let known: DeliveryResult? = state.withLock { state in
          if state.isSettled { return state.result }
          state.waiting.append(continuation)
          return nil
        }
        if let known { continuation.resume(returning: known) }
      }
    }
  }

  /// The result if it is known already.
  public var settled: DeliveryResult? { state.withLock { $0.isSettled ? $0.result : nil } }

  /// Takes responsibility for `count` messages; from here on every one of them must be reported.
  func begin(topic: String, count: Int, bytes: Int, producer: ProducerContext) {
    state.withLock { state in
      precondition(state.result == nil, "a delivery ticket serves one produce call")
      state.remaining = count
      state.result = DeliveryResult(topic: topic, count: count)
      state.budget = (producer, bytes)
    }
    _ = Unmanaged.passRetained(self)
  }

  /// Undoes `begin`: not one message was accepted.
  func abandon() {
    state.withLock { $0 = State(waiting: $0.waiting) }
    Unmanaged.passUnretained(self).release()
  }

  /// One message was stored.
  func delivered(partition: Int32, offset: Int64) {
    report { state in
      state.result?.store(partition: partition, offset: offset)
      state.remaining -= 1
    }
  }

  /// Messages were not stored, or nobody knows. The error is asked for only if it is the first.
  func failed(_ count: Int, _ error: () -> KafkaError) {
    report { state in
      if state.result?.error == nil { state.result?.error = error() }
      state.remaining -= count
    }
  }

  private func report(_ change: (inout State) -> Void) {
    let settled: State? = state.withLock { state in
      change(&state)
      guard state.remaining == 0 else { return nil }
      state.isSettled = true
      let copy = state
      state.waiting = []
      state.budget = nil
      return copy
    }
    guard let settled, let result = settled.result else { return }
    if let (producer, bytes) = settled.budget { producer.release(messages: result.count, bytes: bytes) }
    onSettled?(result)
    for waiter in settled.waiting { waiter.resume(returning: result) }
    Unmanaged.passUnretained(self).release()
  }
}

/// Called by `rd_kafka_poll` on the producer's delivery thread, once for each message.
func onDelivery(
  _ client: OpaquePointer?, _ message: UnsafePointer<rd_kafka_message_t>?, _ opaque: UnsafeMutableRawPointer?
) {
  guard let message, let pointer = message.pointee._private else { return }
  Unmanaged<DeliveryTicket>.fromOpaque(pointer)._withUnsafeGuaranteedRef { ticket in
    if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
      ticket.delivered(partition: message.pointee.partition, offset: message.pointee.offset)
    } else {
      ticket.failed(1) {
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
        return KafkaError(message.pointee.err, "cannot store a message in \(topic)")
      }
    }
  }
}

import BaritoCore
import Kafka
import Logging
import Synchronization

/// One Kafka cluster that lines go to: its producer, and the topics that are known to be there.
///
/// Any number of groups may share one (on a laptop all do). Used from the HTTP threads; nothing here blocks.
final class GroupKafka: Sendable {
  private struct State {
    var producer: KafkaProducer?
    var topics: Set<String> = []
    var health: [String: TopicHealth] = [:]
    var isClosed = false
  }

  private let configuration: KafkaConfiguration
  private let patience: Duration
  private let logger: Logger
  private let state = Mutex(State())
  private let maker: TopicMaker

  init(_ configuration: KafkaConfiguration, patience: Duration, logger: Logger) {
    self.configuration = configuration
    self.patience = patience
    self.logger = logger.with(["kafka.brokers": configuration.brokers])
    maker = TopicMaker(configuration, logger: logger)
  }

  func knows(_ topic: String) -> Bool { state.withLock { $0.topics.contains(topic) } }

  /// Lines on their way.
  var outstanding: Int { state.withLock { $0.producer }?.outstanding ?? 0 }

  /// Makes the topic unless it is there, and tells every Flow of it. Bounded by the admin's time-out.
  func ensure(_ topic: String, as endpoints: ClusterEndpoints) async throws {
    if knows(topic) { return }
    try begin(topic)
    do {
      try await maker.ensure(topic, as: endpoints, announcing: producer())
    } catch {
      ended(topic, error as? KafkaError ?? KafkaError(.other, "\(error)"))
      throw error
    }
    state.withLock { state in
      state.topics.insert(topic)
      state.health[topic]?.end(.found, .now)
    }
  }

  /// Sends the values, stamped now; the ticket settles when Kafka has all of them or will not take them. Say so with
  /// `ended` then. While Kafka does not answer for the topic this throws `brokerDown` at once.
  func produce(
    _ values: [Range<Int>], in bytes: borrowing Span<UInt8>, to topic: String, ticket: DeliveryTicket
  ) throws(KafkaError) {
    try begin(topic)
    do throws(KafkaError) {
      try producer().produce(values, in: bytes, to: topic, ticket: ticket)
    } catch {
      ended(topic, error)
      throw error
    }
  }

  func produce(
    _ messages: [ProducerMessage], in bytes: borrowing Span<UInt8>, to topic: String, timestamp: Int64,
    headers: [KafkaHeader], ticket: DeliveryTicket
  ) throws(KafkaError) {
    try begin(topic)
    do throws(KafkaError) {
      try producer().produce(messages, in: bytes, to: topic, timestamp: timestamp, headers: headers, ticket: ticket)
    } catch {
      ended(topic, error)
      throw error
    }
  }

  /// A ticket settled: Kafka answers for the topic, or does not.
  ///
  /// A topic that was deleted is made again by the next request. A time-out may mean that too: librdkafka waits for a
  /// topic that is gone.
  func ended(_ topic: String, _ error: KafkaError?) {
    state.withLock { state in
      if error?.code == .unknownTopic || error?.code == .timedOut { state.topics.remove(topic) }
      state.health[topic]?.end(TopicHealth.End(error), .now)
    }
  }

  /// Topics that Kafka does not answer for now.
  var silentTopics: Int {
    state.withLock { state in state.health.values.reduce(0) { $0 + ($1.silence(.now) == nil ? 0 : 1) } }
  }

  /// Forgets all topics but these.
  func keep(_ topics: Set<String>) {
    state.withLock { state in
      state.topics.formIntersection(topics)
      state.health = state.health.filter { topics.contains($0.key) || $0.value.outstanding > 0 }
    }
  }

  func close(within deadline: Duration) async {
    let producer = state.withLock { state in
      defer { (state.producer, state.isClosed) = (nil, true) }
      return state.producer
    }
    await producer?.close(within: deadline)
    await maker.close(within: deadline)
  }

  private func begin(_ topic: String) throws(KafkaError) {
    let patience = patience
    guard
      let silence = state.withLock({ state in
        state.health[topic, default: TopicHealth(patience: patience)].begin(.now)
      })
    else { return }
    let seconds = Double(Int(silence / .milliseconds(100))) / 10
    throw KafkaError(
      .brokerDown,
      "cannot send to \(topic): the Kafka at \(configuration.brokers) has not answered for \(seconds) s, and the lines that "
        + "are on their way find out when it does")
  }

  /// A producer that failed for good is replaced; what it held has failed its tickets.
  private func producer() throws(KafkaError) -> KafkaProducer {
    let made = state.withLock { state -> Result<KafkaProducer, KafkaError> in
      if state.isClosed {
        return .failure(KafkaError(.closed, "cannot send to \(configuration.brokers): the cluster was taken away"))
      }
      if let known = state.producer, !known.isFatal { return .success(known) }
      do throws(KafkaError) {
        let fresh = try KafkaProducer(configuration, logger: logger)
        state.producer = fresh
        return .success(fresh)
      } catch {
        return .failure(error)
      }
    }
    return try made.get()
  }
}

extension TopicHealth.End {
  init(_ error: KafkaError?) {
    switch error?.code {
    case nil: self = .delivered
    case .timedOut, .brokerDown, .notEnoughReplicas: self = .unanswered
    default: self = .unknown
    }
  }
}

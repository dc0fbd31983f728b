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
    var isClosed = false
  }

  private let configuration: KafkaConfiguration
  private let logger: Logger
  private let state = Mutex(State())
  private let maker: TopicMaker

  init(_ configuration: KafkaConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger.with(["kafka.brokers": configuration.brokers])
    maker = TopicMaker(configuration, logger: logger)
  }

  func knows(_ topic: String) -> Bool { state.withLock { $0.topics.contains(topic) } }

  /// Lines on their way.
  var outstanding: Int { state.withLock { $0.producer }?.outstanding ?? 0 }

  /// Makes the topic unless it is there, and tells every Flow of it. Bounded by the admin's time-out.
  func ensure(_ topic: String, as endpoints: ClusterEndpoints) async throws {
    if knows(topic) { return }
    try await maker.ensure(topic, as: endpoints, announcing: producer())
    state.withLock { _ = $0.topics.insert(topic) }
  }

  /// Sends the values, stamped now; the ticket settles when Kafka has all of them or will not take them.
  func produce(
    _ values: [Range<Int>], in bytes: borrowing Span<UInt8>, to topic: String, ticket: DeliveryTicket
  ) throws(KafkaError) {
    try producer().produce(values, in: bytes, to: topic, ticket: ticket)
  }

  func produce(
    _ messages: [ProducerMessage], in bytes: borrowing Span<UInt8>, to topic: String, timestamp: Int64,
    headers: [KafkaHeader], ticket: DeliveryTicket
  ) throws(KafkaError) {
    try producer().produce(messages, in: bytes, to: topic, timestamp: timestamp, headers: headers, ticket: ticket)
  }

  /// What became of a send may say something of the topic: a topic that was deleted is made again by the next request.
  /// A time-out may mean that too: librdkafka waits for a topic that is gone.
  func note(_ error: KafkaError, of topic: String) {
    if error.code == .unknownTopic || error.code == .timedOut { state.withLock { _ = $0.topics.remove(topic) } }
  }

  /// Forgets all topics but these.
  func keep(_ topics: Set<String>) { state.withLock { $0.topics.formIntersection(topics) } }

  func close(within deadline: Duration) async {
    let producer = state.withLock { state in
      defer { (state.producer, state.isClosed) = (nil, true) }
      return state.producer
    }
    await producer?.close(within: deadline)
    await maker.close(within: deadline)
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

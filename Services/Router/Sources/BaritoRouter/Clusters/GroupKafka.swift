import BaritoCore
import Kafka
import Logging
import Synchronization

/// One Kafka cluster that lines go to: its producer, and the topics that are known to be there.
///
/// Any number of groups may share one (on a laptop all do). Used from the HTTP threads; nothing here blocks.
final class GroupKafka: Sendable {
  /// Told once why a batch has no answer yet; it may be stored all the same, later.
  typealias OnSilence = @Sendable (KafkaError) -> Void

  private struct State {
    var producer: KafkaProducer?
    var topics: Set<String> = []
    var health: [String: TopicHealth] = [:]
    /// Those who want to be told of silence, by topic and the number of their batch.
    var waiting: [String: [UInt64: OnSilence]] = [:]
    var lastNumber: UInt64 = 0
    /// Whether a task looks after those who wait.
    var isWatched = false
    var isClosed = false
  }

  /// Those whose patience ends within so short a time are told together.
  private static let watchPause: Duration = .milliseconds(50)

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
    let number = try begin(topic)
    do {
      try await maker.ensure(topic, as: endpoints, announcing: producer())
    } catch {
      ended(topic, number, error as? KafkaError ?? KafkaError(.other, "\(error)"))
      throw error
    }
    state.withLock { state in
      state.topics.insert(topic)
      state.health[topic]?.end(.found, .now)
    }
  }

  /// Sends the values, stamped now. While Kafka does not answer for the topic this throws `brokerDown` at once.
  ///
  /// - Parameters:
  ///   - onSilence: called when Kafka has been silent for too long while it has this batch. Its fate is told later.
  ///   - then: called once when Kafka has all of them or will not take them, unless this throws.
  func produce(
    _ values: [Range<Int>], in bytes: borrowing Span<UInt8>, to topic: String, onSilence: OnSilence? = nil,
    then: @escaping @Sendable (DeliveryResult) -> Void
  ) throws(KafkaError) {
    let (number, ticket) = try begin(topic, onSilence, then)
    do throws(KafkaError) {
      try producer().produce(values, in: bytes, to: topic, ticket: ticket)
    } catch {
      ended(topic, number, error)
      throw error
    }
  }

  func produce(
    _ messages: [ProducerMessage], in bytes: borrowing Span<UInt8>, to topic: String, timestamp: Int64,
    headers: [KafkaHeader], onSilence: OnSilence? = nil, then: @escaping @Sendable (DeliveryResult) -> Void
  ) throws(KafkaError) {
    let (number, ticket) = try begin(topic, onSilence, then)
    do throws(KafkaError) {
      try producer().produce(messages, in: bytes, to: topic, timestamp: timestamp, headers: headers, ticket: ticket)
    } catch {
      ended(topic, number, error)
      throw error
    }
  }

  /// Topics that Kafka does not answer for now.
  var silentTopics: Int {
    state.withLock { state in state.health.values.reduce(0) { $0 + ($1.silence(.now) == nil ? 0 : 1) } }
  }

  /// Topics that something is kept for.
  var topics: Set<String> { state.withLock { $0.topics.union($0.health.keys) } }

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

  private func begin(
    _ topic: String, _ onSilence: OnSilence?, _ then: @escaping @Sendable (DeliveryResult) -> Void
  ) throws(KafkaError) -> (UInt64, DeliveryTicket) {
    let number = try begin(topic, onSilence)
    let ticket = DeliveryTicket { [self] result in
      ended(topic, number, result.error)
      then(result)
    }
    return (number, ticket)
  }

  /// - Returns: the number of the batch.
  private func begin(_ topic: String, _ onSilence: OnSilence? = nil) throws(KafkaError) -> UInt64 {
    let patience = patience
    let (number, silence, isNew) = state.withLock { state in
      let silence = state.health[topic, default: TopicHealth(patience: patience)].begin(.now)
      state.lastNumber += 1
      guard silence == nil, let onSilence else { return (state.lastNumber, silence, false) }
      state.waiting[topic, default: [:]][state.lastNumber] = onSilence
      defer { state.isWatched = true }
      return (state.lastNumber, nil, !state.isWatched)
    }
    if let silence { throw silent(topic, silence) }
    // Asleep while nobody waits; as long as somebody does it lives, so it needs no owner.
    if isNew { Task { await watch() } }
    return number
  }

  /// Kafka answers for the topic, or does not.
  ///
  /// A topic that was deleted is made again by the next request. A time-out may mean that too: librdkafka waits for a
  /// topic that is gone.
  private func ended(_ topic: String, _ number: UInt64, _ error: KafkaError?) {
    state.withLock { state in
      if error?.code == .unknownTopic || error?.code == .timedOut { state.topics.remove(topic) }
      state.health[topic]?.end(TopicHealth.End(error), .now)
      state.waiting[topic]?[number] = nil
      if state.waiting[topic]?.isEmpty == true { state.waiting[topic] = nil }
    }
  }

  private func silent(_ topic: String, _ silence: Duration) -> KafkaError {
    let seconds = Double(Int(silence / .milliseconds(100))) / 10
    return KafkaError(
      .brokerDown,
      "cannot send to \(topic): the Kafka at \(configuration.brokers) has not answered for \(seconds) s, and the lines that "
        + "are on their way find out when it does")
  }

  /// Tells those who wait as soon as their topic is silent; ends when nobody waits.
  private func watch() async {
    while true {
      let now = ContinuousClock.now
      let (told, next) = state.withLock { state in
        var told: [(topic: String, whom: [OnSilence])] = []
        var next: ContinuousClock.Instant?
        for topic in state.waiting.keys {
          guard let end = state.health[topic]?.lostPatience, end > now else {
            told.append((topic, state.waiting.removeValue(forKey: topic).map { Array($0.values) } ?? []))
            continue
          }
          next = min(next ?? end, end)
        }
        if next == nil { state.isWatched = false }
        return (told, next)
      }
      for (topic, whom) in told { for tell in whom { tell(silent(topic, patience)) } }
      guard let next else { return }
      try? await Task.sleep(until: max(next, now + GroupKafka.watchPause), clock: .continuous)
    }
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

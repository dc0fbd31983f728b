/// Whether Kafka answers for a topic, told from what was sent there and what was reported. Pure: the time is given.
///
/// While it does not, lines are refused at once instead of waiting for a time-out each, and so are those that wait already
/// (`lostPatience`). One batch at a time is let through all the same, so that the first answer, whenever it comes, opens
/// the door again.
struct TopicHealth: Sendable, Equatable {
  typealias Instant = ContinuousClock.Instant

  /// What became of a batch.
  enum End: Sendable {
    case delivered
    /// The topic is there; whether it takes lines is not known yet.
    case found
    /// Kafka did not answer, or too few replicas did.
    case unanswered
    /// It ended for a reason that says nothing of Kafka.
    case unknown
  }

  /// Silence that is too long.
  let patience: Duration
  /// Batches that nothing was heard of.
  private(set) var outstanding = 0
  /// When something was heard last, or when something was first sent after all was answered.
  private var quietSince: Instant?
  /// The last batch that was reported on had no answer.
  private(set) var hasFailed = false

  init(patience: Duration) { self.patience = patience }

  /// How long nothing has been heard of what is on its way; nil while all is well.
  func silence(_ now: Instant) -> Duration? {
    guard outstanding > 0, let quietSince else { return hasFailed ? .zero : nil }
    let silence = now - quietSince
    return hasFailed || silence > patience ? silence : nil
  }

  /// When those that wait for an answer have waited long enough; nil when nobody does. Later once an answer has come.
  var lostPatience: Instant? { outstanding > 0 ? quietSince.map { $0 + patience } : nil }

  /// A batch is about to be sent.
  ///
  /// - Returns: nil, or how long Kafka has been silent when it must not be sent.
  mutating func begin(_ now: Instant) -> Duration? {
    if outstanding > 0, let silence = silence(now) { return silence }
    if outstanding == 0 { quietSince = now }
    outstanding += 1
    return nil
  }

  /// One that was begun is reported on.
  mutating func end(_ end: End, _ now: Instant) {
    outstanding -= 1
    switch end {
    case .delivered: (hasFailed, quietSince) = (false, now)
    case .found: quietSince = now
    case .unanswered: hasFailed = true
    case .unknown: break
    }
  }
}

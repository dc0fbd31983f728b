import BaritoCore
import BaritoService
import Kafka

/// The way of a batch, whatever protocol it came by: who sends it, may they, is it in Kafka, what is said of it.
///
/// Nothing here blocks. The batch of a known app whose topic is there takes no hop: it is handed to librdkafka on the
/// thread that read it, and its fate is told on the thread of the delivery reports. An app's first lines wait for `ready`.
struct IngestPipeline: Sendable {
  let profiles: ProfileFeed
  let newApps: NewApps
  let clusters: Clusters
  let limiter: IngestLimiter
  let usage: UsageCounter
  let metrics: RouterMetrics
  let clock: ServiceClock
  var bytes = AppBytes()

  /// What became of a batch.
  enum Outcome: Sendable {
    case stored(Receipt)
    case refused(Refusal)
  }

  /// Who sends, and where their lines go. Asked for every batch: a secret is revoked at any time. Whoever is let in has
  /// used their secret, whatever becomes of the batch.
  func admission(of credentials: Credentials) throws(Refusal) -> Admission {
    let admission = profiles.read { directory in Admission(credentials, in: directory) }
    guard case .refused(let refusal) = admission else {
      if let secret = credentials.secret { usage.secrets.note(secret, at: clock.wallMilliseconds) }
      return admission
    }
    throw refusal.code == .unknownSecret && profiles.unreadyReason != nil ? .noProfiles : refusal
  }

  /// Whether lines may be stored without waiting for `ready`.
  func isReady(_ destination: Admission.Destination) -> Bool {
    clusters[destination.cluster].knows(destination.topic)
  }

  /// Makes the app and its topic where they are not there.
  func ready(_ admission: Admission) async throws(Refusal) -> Admission.Destination {
    let destination: Admission.Destination
    switch admission {
    case .admitted(let known): destination = known
    case .unknownApp(let name, let topicName, let group):
      destination = try await newApps.make(name, topicName: topicName, in: group)
    case .refused(let refusal): throw refusal
    }
    do {
      try await clusters[destination.cluster].ensure(destination.topic, as: destination.cluster)
    } catch {
      throw Refusal(kafka: error)
    }
    return destination
  }

  /// How long a sender may wait for what becomes of its batch.
  enum Waiting: Sendable {
    /// Until Kafka is silent for too long. The batch is refused then and may be stored all the same, later.
    case whileKafkaAnswers
    /// Until Kafka has the batch or will never have it.
    case untilItIsKnown
  }

  /// Takes the batch out of the app's budget and sends it; `then` is called once, possibly before this returns.
  func store(
    _ batch: borrowing DocumentBatch, named name: BatchName?, in destination: Admission.Destination,
    by source: RouterMetrics.Source, waiting: Waiting, then: @escaping @Sendable (Outcome) -> Void
  ) {
    let count = BatchCount(batch)
    guard count.lines > 0 else { return then(stored(count, nil, destination, source)) }
    let (app, kafka) = (destination.app.id, clusters[destination.cluster])
    do throws(Refusal) {
      try bytes.send(count.bytes, of: app)
    } catch {
      return then(refused(error, app, lines: count.lines))
    }
    if let refusal = overLimit(batch, named: name, in: destination) {
      bytes.sent(count.bytes, of: app)
      return then(refused(refusal, app))
    }
    let fate = BatchFate()
    var onSilence: GroupKafka.OnSilence?
    if waiting == .whileKafkaAnswers {
      onSilence = { error in if fate.tell() { then(unsent(error, count, destination)) } }
    }
    do throws(KafkaError) {
      try send(batch, name, destination, kafka, onSilence: onSilence) { result in
        // Its bytes are in memory until now, also when its sender was told long ago.
        bytes.sent(count.bytes, of: app)
        if fate.tell() {
          then(result.error.map { unsent($0, count, destination) } ?? stored(count, result, destination, source))
        } else if result.stored > 0 {
          metrics.late(lines: result.stored)
        }
      }
    } catch {
      bytes.sent(count.bytes, of: app)
      then(unsent(error, count, destination))
    }
  }

  /// Counts a refusal and passes it on.
  ///
  /// - Parameter app: nil as long as nobody knows whose lines they are.
  @discardableResult
  func refused(_ refusal: Refusal, _ app: AppID?, lines: Int = 1) -> Outcome {
    metrics.refused(refusal.code)
    if let app { usage.refused(app, lines: refusal.lines ?? lines, code: refusal.code.rawValue) }
    return .refused(refusal)
  }

  /// The `@timestamp` of lines that come without one.
  var receivedAt: Timestamp { Timestamp(milliseconds: clock.wallMilliseconds) ?? .earliest }

  private func send(
    _ batch: borrowing DocumentBatch, _ name: BatchName?, _ destination: Admission.Destination,
    _ kafka: GroupKafka, onSilence: GroupKafka.OnSilence?, then: @escaping @Sendable (DeliveryResult) -> Void
  ) throws(KafkaError) {
    if let messages = RecordHeaders.messages(batch, named: name) {
      try kafka.produce(
        messages, in: batch.bytes.span, to: destination.topic, timestamp: clock.wallMilliseconds,
        headers: name?.headers ?? [], onSilence: onSilence, then: then)
    } else {
      try kafka.produce(
        batch.documents, in: batch.bytes.span, to: destination.topic, onSilence: onSilence, then: then)
    }
  }

  private func stored(
    _ count: BatchCount, _ result: DeliveryResult?, _ destination: Admission.Destination,
    _ source: RouterMetrics.Source
  ) -> Outcome {
    metrics.accepted(count, by: source)
    usage.accepted(destination.app.id, lines: count.lines, bytes: count.bytes, at: clock.wallMilliseconds)
    for (code, lines) in count.refused { usage.refused(destination.app.id, lines: lines, code: code.rawValue) }
    return .stored(
      Receipt(topic: destination.topic, accepted: count.lines, bytes: count.bytes, ranges: result?.ranges ?? []))
  }

  /// Kafka did not take the batch, at once or in the end. What it took out of the app's budget goes back: its sender is
  /// asked to send it again.
  private func unsent(_ error: KafkaError, _ count: BatchCount, _ destination: Admission.Destination) -> Outcome {
    if destination.app.overload != .absorb {
      limiter.giveBack(destination.app, lines: count.lines, bytes: count.bytes)
    }
    return refused(Refusal(kafka: error), destination.app.id, lines: count.lines)
  }
}

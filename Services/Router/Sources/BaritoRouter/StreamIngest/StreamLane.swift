import BaritoCore
import Streams

/// The handler of one connection whose batches go through a lane.
protocol StreamSession: StreamHandler {
  var lane: StreamLane<Self> { get }

  /// The client is not held back any more, and `received` was called with what was left, if anything was.
  func resumed()
}

extension StreamSession {
  func resumed() {}
}

/// The way of one connection's batches to Kafka, with back-pressure: who is over a limit, or whose Kafka is away, is not
/// read from until its batch is stored; who cannot be helped is closed, with a line in the log.
///
/// ```swift
/// func received(_ bytes: Span<UInt8>) -> Int {
///   var done = 0
///   while let message = whole message in bytes from done {
///     guard case .go(let admission) = lane.turn(of: credentials, isKept: message.wantsAck) else { return done }
///     lane.submit(batch, by: credentials, admission, isKept: message.wantsAck) { connection.send(acknowledgement) }
///     done += message.length
///   }
///   return done
/// }
/// ```
///
/// What `received` leaves it is given again when there is room. Batches are on their way side by side; the calls that say
/// that they are stored come in the order of submission. A handler passes `ended`, `drain` and `closed` on. On the
/// connection's own thread only.
final class StreamLane<Session: StreamSession> {
  /// Whether a batch may begin.
  enum Turn {
    case go(Admission)
    /// Reading is paused; `received` is called again with the same bytes.
    case later
    /// The connection is closing.
    case over
  }

  private struct Entry {
    var id: UInt64
    var batch: DocumentBatch
    var name: BatchName?
    var credentials: Credentials
    /// Of the batch, while it is not stored.
    var hold: HeldBytes.Hold?
    var isKept: Bool
    /// When it was refused first.
    var refusedAt: ContinuousClock.Instant?
    var isStored: Bool { hold == nil }
    var then: () -> Void
  }

  private let ingest: StreamIngest
  private let connection: StreamConnection
  private let id: UInt64
  private var entries: [Entry] = []
  private var lastEntry: UInt64 = 0
  /// Whether the client is held back.
  private(set) var isPaused = false
  /// Whether the next batch waits for memory, or for whatever refused it.
  private var isWaiting = false
  /// When the next batch was refused first.
  private var turnRefusedAt: ContinuousClock.Instant?
  /// No more is read: what is on its way is brought to its end, then the connection is closed.
  private var isEnding = false
  /// The server stops: what its sender keeps is not tried again.
  private var isDraining = false
  private(set) var isOver = false
  private var refusal: Refusal.Code?

  init(_ ingest: StreamIngest, _ connection: StreamConnection) {
    self.ingest = ingest
    self.connection = connection
    id = ingest.held.newID()
    ingest.metrics.opened()
  }

  // MARK: Beginning

  /// Asks for a sender's next batch, before it is read: are they known, may they, is there memory.
  ///
  /// - Parameter isKept: whether the sender keeps the batch until it is acknowledged.
  func turn(of credentials: Credentials, isKept: Bool) -> Turn {
    guard !isOver else { return .over }
    guard !isPaused else { return .later }
    let admission: Admission
    do throws(Refusal) {
      admission = try ingest.pipeline.admission(of: credentials)
    } catch {
      ingest.pipeline.refused(error, nil)
      return refusedTurn(error, isKept)
    }
    turnRefusedAt = nil
    let connection = connection
    let isRoom = ingest.held.ask(id, for: admission.app) { connection.perform(as: Session.self) { $0.lane.goOn() } }
    guard isRoom else {
      wait()
      return .later
    }
    return .go(admission)
  }

  /// Sends a batch on its way.
  ///
  /// - Parameters:
  ///   - admission: what `turn` gave.
  ///   - isKept: whether the sender keeps the batch until it is acknowledged.
  ///   - then: called once when Kafka has it and all batches before it; never when the connection is over before.
  func submit(
    _ batch: DocumentBatch, named name: BatchName? = nil, by credentials: Credentials, _ admission: Admission,
    isKept: Bool, then: @escaping () -> Void = {}
  ) {
    guard !isOver else { return }
    lastEntry += 1
    // The array that says where documents are counts too.
    let bytes = batch.bytes.count + 16 * batch.documents.count + 256
    let entry = Entry(
      id: lastEntry, batch: batch, name: name, credentials: credentials,
      hold: ingest.held.take(bytes, of: admission.app), isKept: isKept, then: then)
    entries.append(entry)
    attempt(entry, admission)
    updateReading()
  }

  /// Sends a batch on its way whose bytes cannot be given again, since the client has ended: whether its sender is known
  /// is asked as it goes.
  func submitLast(_ batch: DocumentBatch, by credentials: Credentials, isKept: Bool) {
    guard !isOver else { return }
    lastEntry += 1
    let hold = ingest.held.take(batch.bytes.count, of: nil)
    entries.append(
      Entry(id: lastEntry, batch: batch, name: nil, credentials: credentials, hold: hold, isKept: isKept, then: {}))
    tryAgain(lastEntry)
  }

  /// Ends the connection, says why in the log, and counts it. What was sent to the client goes out.
  func refuse(_ refusal: Refusal) {
    guard !isOver else { return }
    isOver = true
    self.refusal = refusal.code
    ingest.complain("closed the connection of a sender", refusal, of: connection)
    connection.close(afterSending: true)
  }

  // MARK: Ending

  /// The client sends no more: what is on its way is acknowledged, then the connection is closed.
  func ended() {
    isEnding = true
    closeWhenDone()
  }

  /// The same when the server stops. Only what its sender does not keep is tried again, as long as the server lets it.
  func drain() {
    isDraining = true
    isEnding = true
    updateReading()
    closeWhenDone()
  }

  func closed(_ reason: StreamCloseReason) {
    isOver = true
    ingest.held.leave(id)
    let lost = entries.reduce(0) { $0 + ($1.refusedAt != nil && !$1.isKept ? $1.batch.documents.count : 0) }
    if lost > 0 { ingest.metrics.lost(lost) }
    ingest.metrics.ended()
    if let refusal { ingest.metrics.closed(refusal) } else { ingest.metrics.closed(reason) }
  }

  // MARK: On their way

  private func attempt(_ entry: Entry, _ admission: Admission) {
    let (pipeline, source, batch, name) = (ingest.pipeline, ingest.source, entry.batch, entry.name)
    let (connection, id, hold) = (connection, entry.id, entry.hold)
    // A batch that is refused is tried again here, so it must not be on its way still: that would double it.
    let waiting = IngestPipeline.Waiting.untilItIsKnown
    let tell: @Sendable (IngestPipeline.Outcome) -> Void = { outcome in
      // The bytes count until Kafka is done with them, also when the connection is over before.
      withExtendedLifetime(hold) {
        connection.perform(as: Session.self) { $0.lane.settled(id, outcome) }
      }
    }
    if case .admitted(let destination) = admission, pipeline.isReady(destination) {
      return pipeline.store(batch, named: name, in: destination, by: source, waiting: waiting, then: tell)
    }
    Task {
      do throws(Refusal) {
        let destination = try await pipeline.ready(admission)
        pipeline.store(batch, named: name, in: destination, by: source, waiting: waiting, then: tell)
      } catch {
        tell(pipeline.refused(error, admission.app, lines: batch.documents.count))
      }
    }
  }

  private func settled(_ id: UInt64, _ outcome: IngestPipeline.Outcome) {
    guard !isOver, let place = entries.firstIndex(where: { $0.id == id }) else { return }
    switch outcome {
    case .stored:
      entries[place].batch = DocumentBatch.empty
      entries[place].hold = nil
      entries[place].refusedAt = nil
      while let first = entries.first, first.isStored {
        entries.removeFirst()
        first.then()
      }
      updateReading()
      closeWhenDone()
    case .refused(let refusal):
      let since = entries[place].refusedAt ?? .now
      entries[place].refusedAt = since
      guard let pause = pause(refusal, since, entries[place].isKept) else { return refuse(refusal) }
      updateReading()
      connection.after(pause, as: Session.self) { $0.lane.tryAgain(id) }
    }
  }

  private func tryAgain(_ id: UInt64) {
    guard !isOver, let entry = entries.first(where: { $0.id == id }) else { return }
    do throws(Refusal) {
      attempt(entry, try ingest.pipeline.admission(of: entry.credentials))
    } catch {
      settled(id, ingest.pipeline.refused(error, nil, lines: entry.batch.documents.count))
    }
  }

  private func refusedTurn(_ refusal: Refusal, _ isKept: Bool) -> Turn {
    let since = turnRefusedAt ?? .now
    guard let pause = pause(refusal, since, isKept) else {
      refuse(refusal)
      return .over
    }
    turnRefusedAt = since
    wait()
    connection.after(pause, as: Session.self) { $0.lane.goOn() }
    return .later
  }

  /// How long to wait before the next try; nil to give up.
  private func pause(_ refusal: Refusal, _ since: ContinuousClock.Instant, _ isKept: Bool) -> Duration? {
    guard !isDraining || !isKept, let pause = refusal.pause(spread: .random(in: 0...1)) else { return nil }
    let patience = isKept ? ingest.limits.patience : ingest.limits.lastPatience
    guard .now + pause - since <= patience else { return nil }
    ingest.metrics.paused(refusal.code)
    return pause
  }

  // MARK: Back-pressure

  private func wait() {
    isWaiting = true
    updateReading()
  }

  private func goOn() {
    isWaiting = false
    updateReading()
  }

  private func updateReading() {
    guard !isOver else { return }
    let mustPause = isWaiting || isDraining || isFull
    guard mustPause != isPaused else { return }
    isPaused = mustPause
    if mustPause { return connection.pauseReading() }
    connection.resumeReading()
    connection.perform(as: Session.self) { $0.resumed() }
  }

  private var isFull: Bool {
    if entries.isEmpty { return false }
    if entries.count >= ingest.limits.batches { return true }
    var bytes = 0
    for entry in entries {
      if entry.refusedAt != nil { return true }
      bytes += entry.hold?.bytes ?? 0
    }
    return bytes >= ingest.limits.connectionBytes
  }

  private func closeWhenDone() {
    guard isEnding, entries.isEmpty, !isOver else { return }
    isOver = true
    connection.close(afterSending: true)
  }
}

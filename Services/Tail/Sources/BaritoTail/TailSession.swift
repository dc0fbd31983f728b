import BaritoCore
import BaritoService
import Kafka
import Logging
import Redaction
import Regex

/// One viewer's session: reads its apps from Kafka, keeps what passes, sends it. One task, and nothing of it is shared:
/// a viewer that does not read stops only its own reading.
struct TailSession {
  /// Why a session ends by itself; the viewer is told.
  struct Ending: Error {
    var reason: TailEncoder.End
    var detail: String
  }

  /// What a session needs of the world.
  struct Surroundings: Sendable {
    var settings: TailSessionSettings
    var metrics: TailMetrics
    var clock: ServiceClock
    var logger: Logger
    /// Whether the service is about to stop.
    var isStopping: @Sendable () -> Bool
    /// Whether the viewer has left.
    var isGone: @Sendable () -> Bool
    /// Why the viewer may not read any more; nil while it may.
    var revoked: @Sendable () async -> TailRefusal?
    /// What is taken out of an app's lines; nil where that is nothing.
    var redactor: @Sendable (AppID) -> Redactor?
    /// Awaiting it is the viewer's back-pressure.
    var send: @Sendable ([UInt8]) async throws -> Void
  }

  private struct Due {
    var topics: UInt64 = 0
    var access: UInt64
    var lag: UInt64 = 0
    var heartbeat: UInt64 = 0
  }

  private let parameters: TailParameters
  private let encoder: TailEncoder
  private let readers: [TailReader]
  private let labels: [AppID: String]
  private let outside: Surroundings
  /// The offset of the next line of each partition; what the cursor of the next event says.
  private(set) var position = TailCursor()
  private(set) var total = TailTally()
  /// What was there at the beginning: where a session ends that does not follow.
  private var ends: [AppID: [Int64]] = [:]
  private var isBounded: Bool
  /// Whether it was once as near to the newest line as it must stay.
  private var isLive = false
  private var recent = RecentDocuments()
  private var gate: RateGate
  private var tally = TailTally()
  private var output: [UInt8] = []
  private var due: Due

  /// Bytes that are sent at once.
  private static let chunk = 32 * 1024
  /// Lines that are put in order of time together while what is there already is read.
  private static let historyRecords = 10_000

  init(_ parameters: TailParameters, _ readers: [TailReader], _ encoder: TailEncoder, _ outside: Surroundings) {
    self.parameters = parameters
    self.readers = readers
    self.encoder = encoder
    self.outside = outside
    labels = Dictionary(uniqueKeysWithValues: readers.flatMap(\.apps).map { ($0.id, $0.label) })
    isBounded = !parameters.follow || parameters.until.map { $0 <= outside.clock.wallMilliseconds } == true
    gate = RateGate(limit: parameters.rate)
    due = Due(access: outside.clock.monotonicNanoseconds + outside.settings.accessRecheck.wholeNanoseconds)
  }

  /// Runs until it ends by itself, which it says, or the viewer leaves.
  ///
  /// - Returns: why it ended.
  mutating func run() async throws -> TailEncoder.End {
    do {
      while true { try await turn() }
    } catch let ending as Ending {
      tellRateGap()
      encoder.end(ending.reason, ending.detail, cursor: position, to: &output)
      try await flush()
      return ending.reason
    }
  }

  private mutating func turn() async throws {
    try Task.checkCancellation()
    if outside.isGone() { throw CancellationError() }
    if outside.isStopping() { throw Ending(reason: .stopping, detail: "this instance stops: go on from the cursor") }
    let now = outside.clock.monotonicNanoseconds
    if now >= due.topics {
      try await lookForTopics()
      due.topics = now + outside.settings.topicCheck.wholeNanoseconds
    }
    if now >= due.access {
      if let refusal = await outside.revoked() { throw Ending(reason: .forbidden, detail: refusal.detail) }
      due.access = now + outside.settings.accessRecheck.wholeNanoseconds
    }
    try await endAtUntil()
    if now >= due.lag {
      try await stayNear()
      due.lag = now + 2_000_000_000
    }
    if now >= due.heartbeat { beat() }
    try await flush()
    if isBounded, isComplete { throw Ending(reason: .done, detail: "that was all") }
    var found = false
    for reader in readers {
      let batches = try await read(reader)
      if batches.isEmpty { continue }
      found = true
      try await show(batches, reader)
    }
    if !found { tellRateGap() }
    try await flush()
  }

  // MARK: - What to read

  /// Opens apps that could not be opened yet, and finds partitions that are new.
  private mutating func lookForTopics() async throws {
    for reader in readers {
      var changed = false
      for app in reader.apps {
        do throws(KafkaError) {
          if position.offsets[app.id] == nil {
            try await open(app, reader)
            changed = true
          } else {
            changed = try await followShape(of: app, reader) || changed
          }
        } catch {
          try endIfFinal(error)
          // Tried again at the next look; what is assigned goes on meanwhile.
          outside.logger.debug("a session waits for Kafka", ["topic": app.topic, "error": error.detail])
          changed = true
        }
      }
      if changed { try await assign(reader) }
    }
  }

  private mutating func open(_ app: TailApp, _ reader: TailReader) async throws(KafkaError) {
    let until = parameters.until.flatMap { isBounded ? $0 : nil }
    let opening = try await TailOpening.open(
      app, with: reader, known: parameters.cursor?.offsets[app.id], parameters: parameters, until: until)
    position.offsets[app.id] = opening.offsets
    ends[app.id] = opening.ends
    for gap in opening.gaps { tell(gap) }
  }

  /// - Returns: whether the topic has other partitions now.
  private mutating func followShape(of app: TailApp, _ reader: TailReader) async throws(KafkaError) -> Bool {
    let known = position.offsets[app.id] ?? []
    guard let count = try await reader.partitions(of: app), count != known.count else { return false }
    try await reconcile(app, reader, partitions: count)
    return true
  }

  private mutating func reconcile(_ app: TailApp, _ reader: TailReader, partitions: Int) async throws(KafkaError) {
    let available = try await reader.available(app, partitions: 0..<partitions)
    var opening = TailOpening()
    opening.resume(app.id, position.offsets[app.id] ?? [], available)
    position.offsets[app.id] = opening.offsets
    for gap in opening.gaps { tell(gap) }
  }

  private func assign(_ reader: TailReader) async throws {
    do throws(KafkaError) { try await reader.assign(position) } catch { try endIfFinal(error) }
  }

  private func endIfFinal(_ error: KafkaError) throws {
    switch error.code {
    case .unauthorized, .fatal, .closed, .configuration: throw Ending(reason: .failed, detail: error.detail)
    default: return
    }
  }

  /// A moment in the future that has come: what is there now is the end.
  private mutating func endAtUntil() async throws {
    guard let until = parameters.until, !isBounded, outside.clock.wallMilliseconds > until + 1000 else { return }
    do throws(KafkaError) {
      for reader in readers {
        for app in reader.apps {
          let count = position.offsets[app.id]?.count ?? 0
          ends[app.id] = try await reader.ends(app, partitions: 0..<count)
        }
      }
      isBounded = true
    } catch { try endIfFinal(error) }
  }

  private var isComplete: Bool {
    readers.allSatisfy { $0.apps.allSatisfy { position.offsets[$0.id] != nil } } && !isInHistory
  }

  private var isInHistory: Bool {
    ends.contains { app, ends in zip(position.offsets[app] ?? [], ends).contains { $0 < $1 } }
  }

  /// Takes a session that fell too far behind to the newest line.
  private mutating func stayNear() async throws {
    guard !isBounded else { return }
    var newest: [AppID: [Int64]] = [:]
    var passed: [Gap.Passed] = []
    do throws(KafkaError) {
      for reader in readers {
        for app in reader.apps {
          guard let offsets = position.offsets[app.id] else { continue }
          let ends = try await reader.ends(app, partitions: offsets.indices)
          newest[app.id] = zip(offsets, ends).map { max($0, $1) }
          for (partition, offset) in offsets.enumerated() where offset < ends[partition] {
            passed.append(.init(app: app.id, partition: partition, offsets: offset..<ends[partition]))
          }
        }
      }
    } catch {
      return try endIfFinal(error)
    }
    let gap = Gap(.slow, passed)
    if gap.lines <= outside.settings.maximumLag {
      isLive = isLive || position.offsets.count == labels.count
    } else if isLive {
      position.offsets.merge(newest) { $1 }
      tell(gap)
      for reader in readers { try await assign(reader) }
    }
  }

  // MARK: - Lines

  private mutating func read(_ reader: TailReader) async throws -> [RecordBatch] {
    let wait = Duration.milliseconds(200) / readers.count
    var batches: [RecordBatch] = []
    do throws(KafkaError) {
      var count = 0
      repeat {
        let batch = try await reader.next(
          maxRecords: isInHistory ? TailSession.historyRecords : 500, wait: count == 0 ? wait : .milliseconds(100))
        if batch.isEmpty { break }
        count += batch.count
        batches.append(batch)
      } while isInHistory && count < TailSession.historyRecords && batches.count < 16
    } catch  where error.code == .offsetOutOfRange {
      try await reconcile(reader)
    } catch {
      try endIfFinal(error)
    }
    return batches
  }

  /// Lines were deleted before they were read, or the topic is another one.
  private mutating func reconcile(_ reader: TailReader) async throws {
    for app in reader.apps {
      do throws(KafkaError) {
        guard let count = position.offsets[app.id]?.count, count > 0 else { continue }
        try await reconcile(app, reader, partitions: count)
      } catch { try endIfFinal(error) }
    }
    try await assign(reader)
  }

  private mutating func show(_ batches: [RecordBatch], _ reader: TailReader) async throws {
    var places: [(batch: Int, record: Int, app: TailApp)] = []
    var times: [(partition: Int, time: Int64)] = []
    for (index, batch) in batches.enumerated() {
      let apps = reader.apps(of: batch)
      for (number, record) in batch.records.enumerated() {
        guard let id = apps[record.topic], let app = reader.apps.firstIndex(where: { $0.id == id }) else { continue }
        places.append((index, number, reader.apps[app]))
        times.append((app << 32 | Int(record.partition), record.timestamp))
      }
    }
    var redaction = LineRedaction(reader.apps, outside.redactor)
    defer { redaction.report(outside.metrics, outside.logger) }
    for index in TimeOrder.merge(times) {
      let (batch, record, app) = places[index]
      try show(batches[batch].records[record], of: batches[batch], app, &redaction)
      if output.count >= TailSession.chunk { try await flush() }
    }
  }

  private mutating func show(
    _ record: RecordBatch.Record, of batch: RecordBatch, _ app: TailApp, _ redaction: inout LineRedaction
  ) throws {
    let partition = Int(record.partition)
    guard let next = position.offsets[app.id], next.indices.contains(partition), record.offset >= next[partition] else {
      return
    }
    if isBounded, let end = ends[app.id], !end.indices.contains(partition) || record.offset >= end[partition] { return }
    position.offsets[app.id]?[partition] = record.offset + 1
    if record.isTombstone { return }
    if let until = parameters.until, record.timestamp >= until { return }
    let id: DocumentID
    if record.hasHeaders, let sent = SenderIdentity(header: { batch.header($0, of: record) }) {
      guard recent.insert(sent.id) else {
        tally.duplicates += 1
        return
      }
      id = sent.id
    } else {
      id = DocumentID(partition: record.partition, offset: record.offset, timestamp: record.timestamp)
    }
    // Filters see what the viewer sees: nobody finds by them what is not shown.
    let document = redaction.document(batch.value(record), of: app.id)
    guard try passes(document) else {
      tally.filtered += 1
      return
    }
    let wasSkipping = gate.skipped > 0
    guard gate.admit(now: outside.clock.monotonicNanoseconds) else { return }
    if wasSkipping, let gap = gate.takeGap() {
      // The gap ends before this line: who goes on from its cursor must see the line.
      var cursor = position
      cursor.offsets[app.id]?[partition] = record.offset
      tell(gap, cursor)
    }
    encoder.line(document, of: app, at: max(record.timestamp, 0), id: id, cursor: position, to: &output)
    tally.lines += 1
  }

  private func passes(_ document: [UInt8]) throws -> Bool {
    do throws(RegexError) { return try parameters.filter.passes(document.span) } catch {
      throw Ending(reason: .pattern, detail: error.detail)
    }
  }

  // MARK: - What is sent

  private mutating func tell(_ gap: Gap, _ cursor: TailCursor? = nil) {
    encoder.gap(gap, labels: labels, cursor: cursor ?? position, to: &output)
    outside.metrics.gap(gap)
  }

  private mutating func tellRateGap() {
    if let gap = gate.takeGap() { tell(gap) }
  }

  private mutating func beat() {
    tellRateGap()
    encoder.heartbeat(now: outside.clock.wallMilliseconds, cursor: position, to: &output)
  }

  private mutating func flush() async throws {
    if tally != TailTally() || !output.isEmpty {
      tally.bytes = output.count
      total.add(tally)
      outside.metrics.sent(tally)
      tally = TailTally()
    }
    guard !output.isEmpty else { return }
    let bytes = output
    output = []
    let start = outside.clock.monotonicNanoseconds
    try await outside.send(bytes)
    let end = outside.clock.monotonicNanoseconds
    due.heartbeat = end + outside.settings.heartbeat.wholeNanoseconds
    // A viewer that held us up may be far behind by now.
    if end - start > 500_000_000 { due.lag = 0 }
  }
}

extension Duration {
  /// At least 0.
  var wholeNanoseconds: UInt64 { UInt64(max(0, self / .nanoseconds(1))) }
}

import BaritoCore
import BaritoService
import Cryptography
import Streams

/// One connection of the forward protocol: greets, frames messages, and acknowledges chunks that Kafka has.
final class ForwardSession: StreamSession {
  let connection: StreamConnection
  let lane: StreamLane<ForwardSession>
  private let listener: ForwardListener
  private var framing: MessagePackFraming
  /// Since the client was greeted.
  private var handshake: ForwardHandshake?
  /// Whose events are, when the client answered the greeting; else each tag says it.
  private var credentials: Credentials?
  private var hasBegun = false
  /// Whole messages so far.
  private var messages = 0
  /// Whether somebody looks after the message that is not whole.
  private var isWatched = false
  private var isChecked = false

  /// Messages of one sender that wants no acknowledgement go together, up to so many bytes.
  static let groupBytes = 1 << 20
  /// After so many bytes of a message it is looked at whether its sender is known at all.
  static let unknownBytes = 1 << 16

  private struct Group {
    var credentials: Credentials
    var admission: Admission
    var reader: ForwardReader
  }

  init(_ connection: StreamConnection, _ listener: ForwardListener) {
    self.connection = connection
    self.listener = listener
    lane = StreamLane(listener.ingest, connection)
    framing = ForwardSession.newFraming(listener.limits)
  }

  func opened() {
    if listener.requiresHandshake { return greet() }
    connection.after(listener.greetingDelay, as: ForwardSession.self) { $0.greet() }
  }

  private func greet() {
    guard !hasBegun else { return }
    let handshake = ForwardHandshake()
    self.handshake = handshake
    connection.send(handshake.helo)
  }

  func received(_ bytes: Span<UInt8>) -> Int {
    hasBegun = true
    var done = 0
    var group: Group?
    do throws(Refusal) {
      while !lane.isOver, let length = try length(of: bytes.extracting(done...)) {
        guard try take(bytes.extracting(done..<done + length), &group) else { break }
        framing = ForwardSession.newFraming(listener.limits)
        isChecked = false
        messages += 1
        done += length
      }
      submit(&group)
      if !lane.isOver, done < bytes.count { try check(bytes.extracting(done...)) }
    } catch {
      submit(&group)
      listener.ingest.pipeline.refused(error, nil)
      lane.refuse(error)
    }
    if lane.isOver { return bytes.count }
    if done < bytes.count { watch() }
    return done
  }

  func ended(_ rest: Span<UInt8>) { lane.ended() }
  func drain() { lane.drain() }
  func closed(_ reason: StreamCloseReason) { lane.closed(reason) }

  // MARK: Messages

  private static func newFraming(_ limits: BodyReader.Limits) -> MessagePackFraming {
    MessagePackFraming(limits: MessagePackLimits(elements: 4_000_000, length: limits.bodyBytes))
  }

  private func length(of bytes: Span<UInt8>) throws(Refusal) -> Int? {
    do throws(MessagePackError) {
      if let length = try framing.length(in: bytes) { return length }
    } catch {
      guard error.code == .tooLong else { throw ForwardSession.malformed(error) }
      throw tooLarge
    }
    if bytes.count > listener.limits.bodyBytes { throw tooLarge }
    return nil
  }

  /// Takes a whole message; false when it must be given again later.
  private func take(_ message: Span<UInt8>, _ group: inout Group?) throws(Refusal) -> Bool {
    var reader = MessagePackReader(message, limits: MessagePackLimits(elements: 4_000_000))
    let kind: ForwardMessage
    do throws(MessagePackError) {
      kind = try ForwardMessage(&reader, in: message, expectsPing: handshake != nil && credentials == nil)
    } catch {
      throw ForwardSession.malformed(error)
    }
    switch kind {
    case .heartbeat: return true
    case .ping(let ping):
      try answer(ping)
      return true
    case .events(let events):
      guard credentials != nil || !listener.requiresHandshake else {
        throw Refusal(.noSecret, "There was no handshake.")
      }
      let (secret, tag) = ForwardCredentials.split(events.tag, in: message)
      let sender = credentials ?? ForwardCredentials.read(message.extracting(secret))
      let shown = credentials == nil ? tag : events.tag
      if let chunk = events.chunk {
        submit(&group)
        return try take(events, chunk, shown, in: message, from: sender)
      }
      return try take(events, shown, in: message, from: sender, &group)
    }
  }

  /// Takes a chunk that is to be acknowledged.
  private func take(
    _ events: ForwardEvents, _ chunk: Range<Int>, _ tag: Range<Int>, in message: Span<UInt8>, from sender: Credentials
  ) throws(Refusal) -> Bool {
    guard case .go(let admission) = lane.turn(of: sender, isKept: true) else { return false }
    var reader = newReader(message.count)
    try reader.read(events, tag: tag, in: message)
    let chunk = Array(copying: message.extracting(chunk))
    let batches = reader.batches.isEmpty ? [DocumentBatch.empty] : reader.batches
    let now = listener.ingest.pipeline.clock.wallMilliseconds
    for (part, batch) in batches.enumerated() {
      let name = ForwardChunk.name(chunk, part: part, firstTime: reader.firstTime, now: now)
      guard part == batches.count - 1 else {
        lane.submit(batch, named: name, by: sender, admission, isKept: true)
        continue
      }
      lane.submit(batch, named: name, by: sender, admission, isKept: true) { [connection] in
        connection.send(ForwardChunk.acknowledgement(of: chunk))
      }
    }
    tellLeftOut(reader)
    return true
  }

  /// Takes events that nobody waits for, together with those before them where they are one sender's.
  private func take(
    _ events: ForwardEvents, _ tag: Range<Int>, in message: Span<UInt8>, from sender: Credentials, _ group: inout Group?
  ) throws(Refusal) -> Bool {
    if let known = group, known.credentials != sender || known.reader.bytes > ForwardSession.groupBytes {
      submit(&group)
    }
    if group == nil {
      guard case .go(let admission) = lane.turn(of: sender, isKept: false) else { return false }
      group = Group(credentials: sender, admission: admission, reader: newReader(message.count))
    }
    try group?.reader.read(events, tag: tag, in: message)
    return true
  }

  private func submit(_ group: inout Group?) {
    guard let whole = group.take() else { return }
    for batch in whole.reader.batches {
      lane.submit(batch, by: whole.credentials, whole.admission, isKept: false)
    }
    tellLeftOut(whole.reader)
  }

  private func newReader(_ capacity: Int) -> ForwardReader {
    ForwardReader(
      listener.limits, listener.inflater, receivedAt: listener.ingest.pipeline.receivedAt, capacity: capacity)
  }

  private func tellLeftOut(_ reader: ForwardReader) {
    guard reader.leftOut > 0 else { return }
    let refusal = Refusal(
      .lineTooLarge,
      "\(reader.leftOut) records make documents of more than \(listener.limits.documentBytes) bytes and were left out; cut "
        + "them where they are written, or raise ingest.max-line.")
    listener.ingest.complain("left lines of a sender out", refusal, of: connection)
  }

  // MARK: Handshake

  private func answer(_ ping: ForwardPing) throws(Refusal) {
    guard let handshake else { return }
    switch handshake.check(ping) {
    case .failure(let failure): throw refuse(Refusal(.unknownSecret, failure.rawValue))
    case .success(let (sender, pong)):
      do throws(Refusal) {
        _ = try listener.ingest.pipeline.admission(of: sender)
      } catch {
        // What passes by itself holds its chunks back, no more.
        if error.pause(spread: 0) == nil { throw refuse(ForwardCredentials.explain(error)) }
      }
      credentials = sender
      connection.send(pong)
    }
  }

  /// Tells the client why, in the way it logs.
  private func refuse(_ refusal: Refusal) -> Refusal {
    connection.send(ForwardHandshake.pong(refusing: refusal.detail))
    return refusal
  }

  // MARK: Bounds

  /// Lets go early of somebody who sends much and is not known.
  private func check(_ bytes: Span<UInt8>) throws(Refusal) {
    guard bytes.count > ForwardSession.unknownBytes, !isChecked else { return }
    isChecked = true
    var sender = credentials ?? (listener.requiresHandshake ? Credentials.none : nil)
    if sender == nil {
      var reader = MessagePackReader(bytes)
      guard (try? reader.array(in: bytes)) != nil, let tag = try? reader.text(in: bytes) else {
        throw Refusal(.malformed, "A message is an array that begins with a tag.")
      }
      sender = ForwardCredentials.read(bytes.extracting(ForwardCredentials.split(tag, in: bytes).secret))
    }
    guard let sender else { return }
    do throws(Refusal) {
      _ = try listener.ingest.pipeline.admission(of: sender)
    } catch {
      if error.pause(spread: 0) == nil { throw error }
    }
  }

  private func watch() {
    guard !isWatched else { return }
    isWatched = true
    let seen = messages
    connection.after(listener.messageTimeout, as: ForwardSession.self) { $0.look(seen) }
  }

  private func look(_ seen: Int) {
    isWatched = false
    guard messages == seen, !lane.isPaused, !lane.isOver else { return }
    let refusal = Refusal(
      .malformed, "A message did not end within \(listener.messageTimeout) of its first byte; send smaller chunks.")
    listener.ingest.pipeline.refused(refusal, nil)
    lane.refuse(refusal)
  }

  private var tooLarge: Refusal {
    Refusal(
      .bodyTooLarge,
      "A chunk has more than \(listener.limits.bodyBytes) bytes; set a smaller chunk_limit_size, or raise ingest.max-body.",
      members: [("limit", listener.limits.bodyBytes)])
  }

  private static func malformed(_ error: MessagePackError) -> Refusal {
    Refusal(.malformed, "What came is no message of the forward protocol in MessagePack: \(error.description).")
  }
}

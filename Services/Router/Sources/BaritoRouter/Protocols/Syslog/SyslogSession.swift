import BaritoCore
import Streams

/// One connection of syslog. Nothing is acknowledged in this protocol, so the only honest way to refuse for a time is not
/// to read; the lane does that. What was read is brought to Kafka, also when the client ends or the server stops.
final class SyslogSession: StreamSession {
  let connection: StreamConnection
  let lane: StreamLane<SyslogSession>
  private let listener: SyslogListener
  private var framer: SyslogFramer
  private var reader = SyslogCredentials()
  /// Whose the last message was.
  private var lastSender: Credentials?
  /// Those whose messages came in this round.
  private var senders: [Sender] = []
  /// The server stops, and what was read is brought to its end.
  private var isStopping = false

  private struct Sender {
    var credentials: Credentials
    var admission: Admission
    var writer: DocumentBatchWriter
  }

  init(_ connection: StreamConnection, _ listener: SyslogListener) {
    self.connection = connection
    self.listener = listener
    lane = StreamLane(listener.ingest, connection)
    framer = SyslogFramer(maximum: listener.limits.documentBytes)
  }

  func received(_ bytes: Span<UInt8>) -> Int {
    framer.begin()
    while true {
      let before = framer
      guard let frame = framer.next(in: bytes) else { break }
      guard take(frame, in: bytes) else {
        framer = before
        break
      }
    }
    submitAll()
    senders = []
    if lane.isOver { return bytes.count }
    if !lane.isPaused, let needed = framer.needed { connection.expect(needed - framer.position) }
    return framer.position
  }

  func ended(_ rest: Span<UInt8>) {
    framer.begin()
    // Senders do not always end their last line.
    if let frame = framer.last(in: rest) {
      let content = rest.extracting(frame.content)
      let message = SyslogMessage(content)
      var writer = newWriter(content.count)
      append(message, of: content, isCut: frame.isCut, to: &writer)
      lane.submitLast(writer.batch, by: sender(of: message, in: content), isKept: false)
    }
    lane.ended()
  }

  func drain() {
    isStopping = true
    stopWhenRead()
  }

  func resumed() { stopWhenRead() }

  func closed(_ reason: StreamCloseReason) { lane.closed(reason) }

  /// While the lane holds the client back there may be messages that were read from the network and not yet taken.
  private func stopWhenRead() {
    if isStopping, !lane.isPaused { lane.drain() }
  }

  // MARK: Messages

  /// Takes a message; false when it must be given again later, or never.
  private func take(_ frame: SyslogFramer.Frame, in bytes: Span<UInt8>) -> Bool {
    let content = bytes.extracting(frame.content)
    let message = SyslogMessage(content)
    let credentials = sender(of: message, in: content)
    guard let place = place(of: credentials, capacity: bytes.count) else { return false }
    lastSender = credentials
    append(message, of: content, isCut: frame.isCut, to: &senders[place].writer)
    // What comes next asks for a turn of its own.
    if senders[place].writer.count >= listener.limits.items { submit(senders.remove(at: place)) }
    return true
  }

  /// Whose a message is. A line without even a priority is a further line of the message before it, from a sender that
  /// frames by line feeds what has some.
  private func sender(of message: SyslogMessage, in bytes: Span<UInt8>) -> Credentials {
    if let credentials = reader.read(message, in: bytes) { return credentials }
    return message.form == .text ? lastSender ?? .none : .none
  }

  private func append(
    _ message: SyslogMessage, of content: Span<UInt8>, isCut: Bool, to writer: inout DocumentBatchWriter
  ) {
    listener.metrics.read(message.form)
    switch SyslogDocument.append(message, of: content, isCut: isCut, to: &writer) {
    case .whole: break
    case .cut: listener.metrics.cut()
    case .tooLarge:
      writer.refuse(.lineTooLarge)
      let refusal = Refusal(
        .lineTooLarge,
        "Not even a message's header fits into a document of \(listener.limits.documentBytes) bytes; raise ingest.max-line."
      )
      listener.ingest.complain("left lines of a sender out", refusal, of: connection)
    }
  }

  // MARK: Batches

  /// Where a sender's batch is, which is begun when there is none; nil when it may not.
  private func place(of credentials: Credentials, capacity: Int) -> Int? {
    if let place = senders.firstIndex(where: { $0.credentials == credentials }) { return place }
    // Whoever is refused ends the connection: what others sent before must be on its way by then.
    submitAll()
    guard case .go(let admission) = lane.turn(of: credentials, isKept: false) else { return nil }
    senders.append(Sender(credentials: credentials, admission: admission, writer: newWriter(capacity)))
    return senders.count - 1
  }

  private func submitAll() {
    for index in senders.indices where senders[index].writer.count > 0 || !senders[index].writer.batch.refused.isEmpty {
      submit(senders[index])
      senders[index].writer = newWriter(0)
    }
  }

  private func submit(_ sender: Sender) {
    lane.submit(sender.writer.batch, by: sender.credentials, sender.admission, isKept: false)
  }

  private func newWriter(_ capacity: Int) -> DocumentBatchWriter {
    DocumentBatchWriter(
      receivedAt: listener.ingest.pipeline.receivedAt, limits: listener.limits,
      capacity: capacity + capacity / 2)
  }
}

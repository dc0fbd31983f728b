import BaritoCore
import Compression

/// Makes batches of the events of messages of one sender: as few as the limit of lines allows.
struct ForwardReader {
  private let limits: BodyReader.Limits
  private let inflater: Inflater
  private let receivedAt: Timestamp
  private var writer: DocumentBatchWriter
  private var full: [DocumentBatch] = []
  /// Documents that are larger than a document may be, and were left out: nothing else of a chunk would ever arrive.
  private(set) var leftOut = 0
  /// When the first event happened.
  private(set) var firstTime: MessagePackTime?
  /// - Parameter capacity: bytes of the messages to come.
  init(_ limits: BodyReader.Limits, _ inflater: Inflater, receivedAt: Timestamp, capacity: Int) {
    self.limits = limits
    self.inflater = inflater
    self.receivedAt = receivedAt
    writer = DocumentBatchWriter(receivedAt: receivedAt, limits: limits.batch, capacity: capacity + capacity / 2 + 128)
  }

  /// Everything that was read, in order; empty for nothing. What was left out is counted in them.
  var batches: [DocumentBatch] {
    writer.count > 0 || !writer.batch.refused.isEmpty ? full + [writer.batch] : full
  }

  /// What the documents that were read take.
  var bytes: Int { full.reduce(writer.open) { $0 + $1.bytes.count } }

  /// Reads the events of a message. What came before one that is malformed stays.
  ///
  /// - Parameter tag: without a secret; where it stands in `bytes`.
  mutating func read(_ events: ForwardEvents, tag: Range<Int>, in bytes: Span<UInt8>) throws(Refusal) {
    var member: [UInt8] = []
    if !tag.isEmpty {
      member = Array(#","tag":"#.utf8)
      JSONWriter.append(string: bytes.extracting(tag), to: &member)
    }
    guard case .packed(let format?) = events.mode else {
      return try read(events.mode, events.content, in: bytes, member)
    }
    let inflated = try inflate(bytes.extracting(events.content), format)
    try read(.packed(nil), 0..<inflated.count, in: inflated.span, member)
  }

  private func inflate(_ content: Span<UInt8>, _ format: CompressionFormat) throws(Refusal) -> [UInt8] {
    if content.isEmpty { return [] }
    do throws(CompressionError) {
      return try inflater.inflate(content, as: format, limit: limits.inflatedBytes)
    } catch {
      if error.code == .tooLarge {
        throw Refusal(
          .bodyTooLarge,
          "A chunk inflates to more than \(limits.inflatedBytes) bytes; set a smaller chunk_limit_size.",
          members: [("limit", limits.inflatedBytes)])
      }
      throw Refusal(.malformed, "A chunk is not the \(format) that it is said to be: \(error.detail).")
    }
  }

  private mutating func read(
    _ mode: ForwardEvents.Mode, _ content: Range<Int>, in bytes: Span<UInt8>, _ member: [UInt8]
  ) throws(Refusal) {
    var reader = MessagePackReader(content, limits: MessagePackLimits(depth: limits.batch.depth - 1))
    do throws(MessagePackError) {
      switch mode {
      case .message: try event(&reader, in: bytes, member)
      case .forward(let count):
        for _ in 0..<count { try pair(&reader, in: bytes, member) }
      case .packed:
        while !reader.isAtEnd { try pair(&reader, in: bytes, member) }
      }
    } catch {
      throw Refusal(.malformed, "The events are not what the forward protocol has: \(error.description).")
    }
  }

  private mutating func pair(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>, _ member: [UInt8]
  ) throws(MessagePackError) {
    let start = reader.position
    guard try reader.array(in: bytes) == 2 else {
      throw MessagePackError(.unexpectedType, at: start, "an event is an array of its time and its record")
    }
    try event(&reader, in: bytes, member)
  }

  /// Reads a time and a record; a record that is nil is none.
  private mutating func event(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>, _ member: [UInt8]
  ) throws(MessagePackError) {
    let time = try ForwardReader.time(&reader, in: bytes)
    if firstTime == nil { firstTime = time }
    let record = reader
    var outcome = try document(time, &reader, in: bytes, member)
    if outcome == .tooMany, writer.count > 0 {
      full.append(writer.batch)
      writer = DocumentBatchWriter(receivedAt: receivedAt, limits: limits.batch, capacity: writer.open / 2)
      reader = record
      outcome = try document(time, &reader, in: bytes, member)
    }
    guard outcome != .taken else { return }
    leftOut += 1
    writer.refuse(.lineTooLarge)
  }

  private mutating func document(
    _ time: MessagePackTime?, _ reader: inout MessagePackReader, in bytes: Span<UInt8>, _ member: [UInt8]
  ) throws(MessagePackError) -> DocumentBatchWriter.Outcome {
    let start = writer.open
    do throws(MessagePackError) {
      return try document(time, &reader, in: bytes, member, from: start)
    } catch {
      writer.cancel(start)
      throw error
    }
  }

  private mutating func document(
    _ time: MessagePackTime?, _ reader: inout MessagePackReader, in bytes: Span<UInt8>, _ member: [UInt8],
    from start: Int
  ) throws(MessagePackError) -> DocumentBatchWriter.Outcome {
    let record = reader
    let token = try reader.next(in: bytes)
    if token == .null { return .taken }
    reader = record
    writer.output.append(UInt8(ascii: "{"))
    var found = MessagePackJSON.Members()
    var isWrapped = false
    if case .map = token {
      found = try MessagePackJSON.appendMembers(&reader, in: bytes, to: &writer.output)
    } else {
      isWrapped = true
      found = MessagePackJSON.Members(isEmpty: false)
      found.repairs = try appendMessage(token, &reader, in: bytes)
    }
    if !found.hasTimestamp {
      writer.output.append(contentsOf: (found.isEmpty ? #""@timestamp":""# : #","@timestamp":""#).utf8)
      if let time { time.append(to: &writer.output) } else { receivedAt.append(to: &writer.output) }
      writer.output.append(UInt8(ascii: "\""))
    }
    if !found.hasTag { writer.output.append(contentsOf: member) }
    writer.output.append(UInt8(ascii: "}"))
    return writer.close(
      start, isStamped: !found.hasTimestamp && time == nil, isWrapped: isWrapped, repairs: found.repairs)
  }

  /// What is no map becomes the member `message`: a text as it is, anything else as its JSON.
  private mutating func appendMessage(
    _ token: MessagePackToken, _ reader: inout MessagePackReader, in bytes: Span<UInt8>
  ) throws(MessagePackError) -> Int {
    writer.output.append(contentsOf: #""message":"#.utf8)
    switch token {
    case .string, .binary: return try MessagePackJSON.append(&reader, in: bytes, to: &writer.output)
    default:
      var json: [UInt8] = []
      let repairs = try MessagePackJSON.append(&reader, in: bytes, to: &json)
      JSONWriter.append(string: json.span, to: &writer.output)
      return repairs
    }
  }

  /// The event's time: a time, or an array of it and metadata; nil for 0 and for one that no timestamp can be.
  private static func time(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>
  ) throws(MessagePackError) -> MessagePackTime? {
    let start = reader
    let time: MessagePackTime
    if case .array(let count) = try reader.next(in: bytes), count > 0 {
      time = try reader.time(in: bytes)
      for _ in 1..<count { try reader.skip(in: bytes) }
    } else {
      reader = start
      time = try reader.time(in: bytes)
    }
    return time.seconds == 0 || time.timestamp == nil ? nil : time
  }
}

import BaritoCore
import Compression

/// What one message of the forward protocol is, by its header; the events in it are read later. Offsets are those of the
/// bytes it was read from.
enum ForwardMessage: Equatable {
  case events(ForwardEvents)
  case ping(ForwardPing)
  /// Nil, or anything else without events that old clients send to see whether anybody listens.
  case heartbeat

  /// - Parameters:
  ///   - reader: stands at a whole message, and is moved behind it.
  ///   - expectsPing: whether a greeting was sent and not answered yet.
  init(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>, expectsPing: Bool
  ) throws(MessagePackError) {
    let start = reader
    guard case .array(let count) = try reader.next(in: bytes) else {
      reader = start
      guard case .null = try reader.next(in: bytes) else {
        throw MessagePackError(.unexpectedType, at: start.position, "a message is an array that begins with a tag")
      }
      self = .heartbeat
      return
    }
    guard count > 0 else {
      self = .heartbeat
      return
    }
    let tag = try reader.text(in: bytes)
    if expectsPing, count == 6, bytes.extracting(tag).isEqual("PING") {
      self = .ping(try ForwardPing(&reader, in: bytes))
    } else {
      self = .events(try ForwardEvents(tag, count, &reader, in: bytes))
    }
  }
}

/// The events of one message, whichever of the four modes it has.
struct ForwardEvents: Equatable {
  /// How a message holds its events.
  enum Mode: Equatable {
    /// One event: `[tag, time, record, option]`. The range holds time and record.
    case message
    /// `[tag, [[time, record], …], option]`. The range holds so many pairs.
    case forward(Int)
    /// `[tag, bytes, option]`: the bytes hold a pair after the other, compressed or not.
    case packed(CompressionFormat?)
  }

  var tag: Range<Int>
  var mode: Mode
  var content: Range<Int>
  /// The text that the sender waits for as acknowledgement.
  var chunk: Range<Int>?

  /// - Parameter count: elements of the message, its tag included.
  init(
    _ tag: Range<Int>, _ count: Int, _ reader: inout MessagePackReader, in bytes: Span<UInt8>
  ) throws(MessagePackError) {
    self.tag = tag
    let start = reader
    guard (2...4).contains(count) else {
      throw MessagePackError(.unexpectedType, at: start.position, "a message has 2 to 4 elements, not \(count)")
    }
    var options = count - 2
    switch try reader.next(in: bytes) {
    case .string(let range), .binary(let range): (mode, content) = (.packed(nil), range)
    case .array(let events) where options < 2:
      let begin = reader.position
      for _ in 0..<events { try reader.skip(in: bytes) }
      (mode, content) = (.forward(events), begin..<reader.position)
    default:
      guard options > 0 else {
        throw MessagePackError(.unexpectedType, at: start.position, "expected events behind the tag")
      }
      reader = start
      try reader.skip(in: bytes)
      try reader.skip(in: bytes)
      (mode, content) = (.message, start.position..<reader.position)
      options -= 1
    }
    guard options <= 1 else {
      throw MessagePackError(.unexpectedType, at: reader.position, "more elements behind the events than options")
    }
    if options == 1 { try readOptions(&reader, in: bytes) }
  }

  private mutating func readOptions(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>
  ) throws(MessagePackError) {
    let start = reader
    let token = try reader.next(in: bytes)
    if token == .null { return }
    guard case .map(let count) = token else {
      throw MessagePackError(.unexpectedType, at: start.position, "the options are not a map")
    }
    for _ in 0..<count {
      let name = try reader.skip(in: bytes)
      var key = MessagePackReader(name)
      let value = reader
      try reader.skip(in: bytes)
      guard let text = try? key.text(in: bytes) else { continue }
      if bytes.extracting(text).isEqual("chunk") {
        var value = value
        chunk = try? value.text(in: bytes)
      } else if bytes.extracting(text).isEqual("compressed"), case .packed = mode {
        mode = .packed(try ForwardEvents.compression(value, in: bytes))
      }
    }
  }

  private static func compression(
    _ reader: MessagePackReader, in bytes: Span<UInt8>
  ) throws(MessagePackError) -> CompressionFormat? {
    var reader = reader
    guard let range = try? reader.text(in: bytes) else { return nil }
    let text = bytes.extracting(range)
    if text.isEqual("text") { return nil }
    if text.isEqual("gzip") { return .gzip }
    if text.isEqual("zstd") { return .zstd }
    throw MessagePackError(
      .unexpectedType, at: range.lowerBound, "the option compressed is none of text, gzip and zstd")
  }
}

/// A sender's answer to the greeting.
struct ForwardPing: Equatable {
  var hostname: [UInt8]
  var salt: [UInt8]
  /// Hexadecimal digits of SHA-512.
  var sharedKeyDigest: [UInt8]
  var username: [UInt8]
  /// Hexadecimal digits of SHA-512.
  var passwordDigest: [UInt8]

  /// - Parameter reader: stands behind the word `PING`.
  init(_ reader: inout MessagePackReader, in bytes: Span<UInt8>) throws(MessagePackError) {
    func text() throws(MessagePackError) -> [UInt8] {
      var copy: [UInt8] = []
      copy.append(copying: bytes.extracting(try reader.text(in: bytes)))
      return copy
    }
    hostname = try text()
    salt = try text()
    sharedKeyDigest = try text()
    username = try text()
    passwordDigest = try text()
  }

  init(hostname: [UInt8], salt: [UInt8], sharedKeyDigest: [UInt8], username: [UInt8], passwordDigest: [UInt8]) {
    self.hostname = hostname
    self.salt = salt
    self.sharedKeyDigest = sharedKeyDigest
    self.username = username
    self.passwordDigest = passwordDigest
  }
}

extension Span<UInt8> {
  /// Whether these are the text's bytes.
  func isEqual(_ text: String) -> Bool {
    guard count == text.utf8.count else { return false }
    var index = 0
    for byte in text.utf8 {
      guard self[index] == byte else { return false }
      index += 1
    }
    return true
  }
}

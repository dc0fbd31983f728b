extension MessagePackReader {
  /// Reads the header of an array; so many values follow.
  public mutating func array(in bytes: Span<UInt8>) throws(MessagePackError) -> Int {
    let start = self
    if case .array(let count) = try next(in: bytes) { return count }
    throw refuse("an array", start)
  }

  /// Reads the header of a map; so many pairs of key and value follow.
  public mutating func map(in bytes: Span<UInt8>) throws(MessagePackError) -> Int {
    let start = self
    if case .map(let count) = try next(in: bytes) { return count }
    throw refuse("a map", start)
  }

  /// Reads a text or a binary, since old writers know no difference, and returns where it stands.
  public mutating func text(in bytes: Span<UInt8>) throws(MessagePackError) -> Range<Int> {
    let start = self
    switch try next(in: bytes) {
    case .string(let range), .binary(let range): return range
    default: throw refuse("a text", start)
    }
  }

  /// Reads an integer.
  public mutating func integer(in bytes: Span<UInt8>) throws(MessagePackError) -> Int64 {
    let start = self
    if case .integer(let value) = try next(in: bytes) { return value }
    throw refuse("an integer", start)
  }

  /// Reads a time as fluentd writes it: its EventTime, or a number of seconds. MessagePack's own timestamp is read too.
  public mutating func time(in bytes: Span<UInt8>) throws(MessagePackError) -> MessagePackTime {
    let start = self
    switch try next(in: bytes) {
    case .integer(let seconds): return MessagePackTime(seconds: seconds, nanoseconds: 0)
    case .double(let seconds):
      if let time = MessagePackTime(seconds: seconds) { return time }
    case .float(let seconds):
      if let time = MessagePackTime(seconds: Double(seconds)) { return time }
    case .extended(let type, let range):
      if let time = MessagePackTime(type, bytes.extracting(range)) { return time }
    default: break
    }
    throw refuse("a time", start)
  }

  private mutating func refuse(_ expected: StaticString, _ start: MessagePackReader) -> MessagePackError {
    self = start
    return MessagePackError(.unexpectedType, at: position, "expected \(expected)")
  }
}

/// Finds the messages in a stream of syslog (RFC 6587), each by its own framing: a digit begins an octet count, anything
/// else is a message up to a line feed or a NUL.
///
/// A count is one only when a space and `<` follow it, as every syslog message begins; a line such as `12 monkeys` is a
/// line. Line feeds, carriage returns and NULs around messages are no part of them.
struct SyslogFramer {
  /// One message.
  struct Frame: Equatable {
    /// What it is, without framing.
    var content: Range<Int>
    /// Whether more of it came than is kept.
    var isCut: Bool
  }

  /// What is left of a message that was cut.
  private enum Rest: Equatable {
    case nothing
    case bytes(Int)
    /// Up to the next line feed or NUL.
    case line
  }

  /// Bytes kept of one message.
  let maximum: Int
  /// Bytes that are done with, since `begin`.
  private(set) var position = 0
  /// Bytes that must be there before `next` can find a message, since `begin`; nil when nobody knows.
  private(set) var needed: Int?
  private var rest = Rest.nothing
  /// Bytes behind `position` that hold no end of a line.
  private var searched = 0

  init(maximum: Int) { self.maximum = maximum }

  /// Forgets the bytes that are done with: what is given next begins behind them.
  mutating func begin() { position = 0 }

  /// The next whole message, or one that is cut; nil when more bytes must come.
  ///
  /// - Parameter bytes: all from `begin` on.
  mutating func next(in bytes: Span<UInt8>) -> Frame? {
    needed = nil
    guard passRest(bytes) else { return nil }
    while position < bytes.count, SyslogFramer.isFiller(bytes[position]) { advance(to: position + 1) }
    guard position < bytes.count else { return nil }
    switch SyslogCount(in: bytes, at: position) {
    case .unfinished: return nil
    case .count(let count, let start): return counted(count, from: start, in: bytes)
    case .none: return line(in: bytes)
    }
  }

  /// What the sender left unfinished when it ended, after `next` has found nothing more; nil when there is nothing.
  mutating func last(in bytes: Span<UInt8>) -> Frame? {
    guard rest == .nothing, position < bytes.count else { return nil }
    var frame = Frame(content: position..<bytes.count, isCut: false)
    if case .count(_, let start) = SyslogCount(in: bytes, at: position) {
      frame = Frame(content: start..<bytes.count, isCut: true)
    }
    advance(to: bytes.count)
    frame.content = SyslogFramer.trimmed(frame.content, in: bytes)
    return frame.content.isEmpty ? nil : frame
  }

  private mutating func counted(_ count: Int, from start: Int, in bytes: Span<UInt8>) -> Frame? {
    let kept = min(count, maximum)
    guard bytes.count - start >= kept else {
      needed = start + kept
      return nil
    }
    advance(to: start + kept)
    if kept < count { rest = .bytes(count - kept) }
    return Frame(content: SyslogFramer.trimmed(start..<start + kept, in: bytes), isCut: kept < count)
  }

  private mutating func line(in bytes: Span<UInt8>) -> Frame? {
    let start = position
    let limit = min(bytes.count - start, maximum + 1)
    if let end = SyslogFramer.end(in: bytes, start + searched, start + limit) {
      advance(to: end + 1)
      return Frame(content: SyslogFramer.trimmed(start..<end, in: bytes), isCut: false)
    }
    guard limit > maximum else {
      searched = limit
      return nil
    }
    advance(to: start + maximum)
    rest = .line
    return Frame(content: start..<start + maximum, isCut: true)
  }

  /// Passes over what is left of a message that was cut; false when more of it is to come.
  private mutating func passRest(_ bytes: Span<UInt8>) -> Bool {
    switch rest {
    case .nothing: return true
    case .bytes(let count):
      let passed = min(count, bytes.count - position)
      advance(to: position + passed)
      rest = passed < count ? .bytes(count - passed) : .nothing
      return passed == count
    case .line:
      let end = SyslogFramer.end(in: bytes, position, bytes.count)
      advance(to: end.map { $0 + 1 } ?? bytes.count)
      if end != nil { rest = .nothing }
      return end != nil
    }
  }

  private mutating func advance(to place: Int) {
    position = place
    searched = 0
  }

  private static func end(in bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
    var index = start
    while index < end {
      let byte = bytes[index]
      if byte == 0x0A || byte == 0 { return index }
      index &+= 1
    }
    return nil
  }

  private static func isFiller(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D || byte == 0 }

  private static func trimmed(_ range: Range<Int>, in bytes: Span<UInt8>) -> Range<Int> {
    var end = range.upperBound
    while end > range.lowerBound, isFiller(bytes[end - 1]) { end -= 1 }
    return range.lowerBound..<end
  }
}

/// The octet count that may stand before a message.
enum SyslogCount: Equatable {
  /// More bytes must come before anybody knows.
  case unfinished
  /// The message has so many bytes, from `start` on.
  case count(Int, start: Int)
  case none

  /// More digits than a count of any message has.
  private static let digits = 10

  init(in bytes: Span<UInt8>, at position: Int) {
    var index = position
    var count = 0
    while index < bytes.count, bytes[index].isDigit, !(index == position && bytes[index] == UInt8(ascii: "0")) {
      guard index - position < SyslogCount.digits else {
        self = .none
        return
      }
      count = count * 10 + Int(bytes[index] - UInt8(ascii: "0"))
      index += 1
    }
    if index == position, index < bytes.count {
      self = .none
      return
    }
    for byte in [UInt8(ascii: " "), UInt8(ascii: "<")] {
      guard index < bytes.count else {
        self = .unfinished
        return
      }
      guard bytes[index] == byte else {
        self = .none
        return
      }
      index += 1
    }
    self = .count(count, start: index - 1)
  }
}

extension UInt8 {
  /// 0 to 9.
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

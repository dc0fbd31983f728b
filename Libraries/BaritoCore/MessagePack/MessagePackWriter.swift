/// Writes MessagePack, as much of it as small answers need: `{"ack": …}`, HELO, PONG.
///
/// ```swift
/// var answer = MessagePackWriter()
/// answer.map(1)
/// answer.string("ack")
/// answer.string(chunk)
/// ```
///
/// That as many elements follow as a header says is up to the caller. Everything takes its shortest form.
public struct MessagePackWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8]

  /// - Parameter bytes: what to append to.
  public init(appendingTo bytes: [UInt8] = []) { self.bytes = bytes }

  public mutating func null() { bytes.append(0xC0) }
  public mutating func bool(_ value: Bool) { bytes.append(value ? 0xC3 : 0xC2) }

  public mutating func integer(_ value: Int64) {
    switch value {
    case -32..<128: bytes.append(UInt8(truncatingIfNeeded: value))
    case 128...: unsigned(UInt64(value))
    case -128 ..< -32: append(0xD0, UInt64(bitPattern: value), 1)
    case -0x8000 ..< -128: append(0xD1, UInt64(bitPattern: value), 2)
    case -0x8000_0000 ..< -0x8000: append(0xD2, UInt64(bitPattern: value), 4)
    default: append(0xD3, UInt64(bitPattern: value), 8)
    }
  }

  public mutating func string(_ text: String) { string(utf8: text.utf8Span.span) }

  /// Writes a text whose UTF-8 is given.
  public mutating func string(utf8: Span<UInt8>) {
    let count = UInt64(utf8.count)
    switch count {
    case 0..<32: bytes.append(0xA0 | UInt8(count))
    case 32..<0x100: append(0xD9, count, 1)
    case 0x100..<0x1_0000: append(0xDA, count, 2)
    default: append(0xDB, count, 4)
    }
    bytes.append(copying: utf8)
  }

  public mutating func binary(_ value: Span<UInt8>) {
    let count = UInt64(value.count)
    switch count {
    case 0..<0x100: append(0xC4, count, 1)
    case 0x100..<0x1_0000: append(0xC5, count, 2)
    default: append(0xC6, count, 4)
    }
    bytes.append(copying: value)
  }

  /// Writes the header of an array of `count` values.
  public mutating func array(_ count: Int) { header(count, short: 0x90, 0xDC, 0xDD) }

  /// Writes the header of a map of `count` pairs.
  public mutating func map(_ count: Int) { header(count, short: 0x80, 0xDE, 0xDF) }

  private mutating func unsigned(_ value: UInt64) {
    switch value {
    case 0..<0x100: append(0xCC, value, 1)
    case 0x100..<0x1_0000: append(0xCD, value, 2)
    case 0x1_0000..<0x1_0000_0000: append(0xCE, value, 4)
    default: append(0xCF, value, 8)
    }
  }

  private mutating func header(_ count: Int, short: UInt8, _ medium: UInt8, _ long: UInt8) {
    switch count {
    case 0..<16: bytes.append(short | UInt8(count))
    case 16..<0x1_0000: append(medium, UInt64(count), 2)
    default: append(long, UInt64(count), 4)
    }
  }

  /// Appends a type's byte, and the lowest `count` bytes of a number, highest first.
  private mutating func append(_ type: UInt8, _ value: UInt64, _ count: Int) {
    bytes.append(type)
    for index in 1...count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - index)))) }
  }
}

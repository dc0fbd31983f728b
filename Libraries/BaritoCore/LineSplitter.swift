/// Finds the lines of NDJSON: ended by LF or by the end of the bytes, with or without a CR before that. Lines of nothing
/// but spaces, tabs and carriage returns are skipped by `next`, but numbered.
///
/// ```swift
/// var lines = LineSplitter(maximumLineBytes: 1 << 20)
/// while let line = lines.next(in: bytes) { … }
/// ```
public struct LineSplitter: Sendable {
  /// One line.
  public struct Line: Sendable, Equatable {
    /// Its bytes, without the line's end.
    public var range: Range<Int>
    /// Its place among all lines, blank ones too, from 1.
    public var number: Int
    /// Whether it is longer than allowed. The line after it is found all the same.
    public var isTooLong: Bool
  }

  /// How many bytes a line may have without its end.
  public let maximumLineBytes: Int
  private var position = 0
  private var number = 0

  public init(maximumLineBytes: Int = .max) { self.maximumLineBytes = maximumLineBytes }

  /// The next line that is not blank, or nil after the last. Every call takes the same bytes.
  public mutating func next(in bytes: Span<UInt8>) -> Line? {
    while let line = nextOfAll(in: bytes) {
      if !Self.isBlank(bytes, line.range) { return line }
    }
    return nil
  }

  /// The next line, blank or not, or nil after the last.
  public mutating func nextOfAll(in bytes: Span<UInt8>) -> Line? {
    guard position < bytes.count else { return nil }
    let start = position
    let feed = bytes.firstIndex(of: 0x0A, from: start)
    position = feed &+ 1
    number &+= 1
    let end = feed > start && bytes[feed &- 1] == 0x0D ? feed &- 1 : feed
    return Line(range: start..<end, number: number, isTooLong: end &- start > maximumLineBytes)
  }

  private static func isBlank(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range {
      let byte = bytes[index]
      if byte != 0x20, byte != 0x09, byte != 0x0D { return false }
    }
    return true
  }
}

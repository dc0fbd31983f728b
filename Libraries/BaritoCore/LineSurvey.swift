/// What a quick look over a line tells without parsing it: eight bytes at a time, so that nothing is lost by taking one
/// at every line.
public struct LineSurvey: Sendable, Equatable {
  public private(set) var hasLineFeed = false
  /// Whether every byte is ASCII.
  public private(set) var isASCII = true
  /// Whether an escape of a surrogate stands in it, whole pair or half: `\ud83d`.
  public private(set) var hasSurrogateEscape = false

  public init(_ line: Span<UInt8>) {
    var index = 0
    while index &+ 8 <= line.count {
      let eight = EightBytes(line, at: index)
      if eight.outsideASCII != 0 { isASCII = false }
      // The lowest mark of each is exact, so the lowest of both is.
      let mask = eight.equal(to: UInt8(ascii: "\n")) | eight.equal(to: UInt8(ascii: "\\"))
      if mask == 0 {
        index &+= 8
      } else {
        look(at: index &+ EightBytes.firstMarked(mask), in: line, &index)
      }
    }
    while index < line.count {
      if line[index] >= 0x80 { isASCII = false }
      look(at: index, in: line, &index)
    }
  }

  /// Looks at one byte, and moves behind it, or behind the escape that it begins.
  private mutating func look(at place: Int, in line: Span<UInt8>, _ index: inout Int) {
    index = place &+ 1
    if line[place] == UInt8(ascii: "\n") { hasLineFeed = true }
    guard line[place] == UInt8(ascii: "\\"), index < line.count else { return }
    if line[index] >= 0x80 { isASCII = false }
    if line[index] == UInt8(ascii: "u"), place &+ 3 < line.count, line[place &+ 2] | 0x20 == UInt8(ascii: "d"),
      line[place &+ 3] >= UInt8(ascii: "8")
    {
      hasSurrogateEscape = true
    }
    // What is escaped may be a backslash, which begins nothing.
    if line[index] != UInt8(ascii: "\n") { index &+= 1 }
  }

  /// How many objects and arrays begin in the line, braces and brackets inside texts counted too: its depth is not more.
  public static func openings(in line: Span<UInt8>) -> Int {
    var count = 0
    var index = 0
    while index &+ 8 <= line.count {
      count &+= EightBytes(line, at: index).openings
      index &+= 8
    }
    while index < line.count {
      if line[index] | 0x20 == UInt8(ascii: "{") { count &+= 1 }
      index &+= 1
    }
    return count
  }
}

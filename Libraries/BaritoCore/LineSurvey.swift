/// What a quick look over a line tells without parsing it, so that nothing is lost by taking one at every line.
///
/// The loops do the same with each byte, without a choice or a way out, over spans of one length: that lets the compiler take
/// sixteen bytes at once.
public struct LineSurvey: Sendable, Equatable {
  public let hasLineFeed: Bool
  /// Whether every byte is ASCII.
  public let isASCII: Bool
  /// Whether `\u` stands in it, be its backslash escaped itself or not.
  public let hasUnicodeEscape: Bool
  /// Whether `//` or `/*` stands in it.
  public let hasCommentMark: Bool

  public init(_ line: Span<UInt8>) {
    let pairs = max(0, line.count &- 1)
    let firsts = line.extracting(0..<pairs)
    let seconds = line.extracting(line.count &- pairs..<line.count)
    var all = line.isEmpty ? 0 : line[0]
    // How little any byte, or pair of bytes, differs from what is looked for.
    var lineFeed = all ^ UInt8(ascii: "\n")
    var (unicodeEscape, commentMark) = (UInt8.max, UInt8.max)
    for place in 0..<pairs {
      let (first, second) = (firsts[place], seconds[place])
      all |= second
      lineFeed = min(lineFeed, second ^ UInt8(ascii: "\n"))
      unicodeEscape = min(unicodeEscape, (first ^ UInt8(ascii: "\\")) | (second ^ UInt8(ascii: "u")))
      let comment = min(second ^ UInt8(ascii: "/"), second ^ UInt8(ascii: "*"))
      commentMark = min(commentMark, (first ^ UInt8(ascii: "/")) | comment)
    }
    isASCII = all < 0x80
    hasLineFeed = lineFeed == 0
    hasUnicodeEscape = unicodeEscape == 0
    hasCommentMark = commentMark == 0
  }

  /// Whether an escape of a surrogate stands in the line, whole pair or half: `\ud83d`.
  public static func hasSurrogateEscape(in line: Span<UInt8>) -> Bool {
    var index = line.firstIndex(of: UInt8(ascii: "\\"), from: 0)
    while index &+ 3 < line.count {
      if line[index &+ 1] == UInt8(ascii: "u"), line[index &+ 2] | 0x20 == UInt8(ascii: "d"),
        line[index &+ 3] >= UInt8(ascii: "8")
      {
        return true
      }
      // What is escaped may be a backslash, which begins nothing.
      index = line.firstIndex(of: UInt8(ascii: "\\"), from: index &+ 2)
    }
    return false
  }

  /// How many objects and arrays begin in the line, braces and brackets inside texts counted too: its depth is not more.
  public static func openings(in line: Span<UInt8>) -> Int {
    var count = 0
    var start = 0
    while start < line.count {
      // As many as can be counted in the sixteen bits that vectors have room for.
      let part = line.extracting(start..<min(start &+ Int(UInt16.max), line.count))
      var openings: UInt16 = 0
      for place in 0..<part.count {
        openings &+= UInt16(truncatingIfNeeded: part[place] | 0x20 == UInt8(ascii: "{") ? 1 : 0)
      }
      count &+= Int(openings)
      start &+= part.count
    }
    return count
  }
}

/// Tells whether bytes are UTF-8, and mends them where they are not.
public enum UTF8Repair {
  /// Whether `bytes` are valid UTF-8.
  public static func isValid(_ bytes: Span<UInt8>) -> Bool { firstInvalid(in: bytes, from: 0) == bytes.count }

  /// Appends `bytes`, each maximal subpart that is not UTF-8 replaced by U+FFFD, and returns how many were replaced.
  /// The count of replacements is what `String(decoding:as: UTF8.self)` would make.
  public static func append(repairing bytes: Span<UInt8>, to output: inout [UInt8]) -> Int {
    var repairs = 0
    var start = 0
    while true {
      let invalid = firstInvalid(in: bytes, from: start)
      output.append(copying: bytes.extracting(start..<invalid))
      guard invalid < bytes.count else { return repairs }
      output.append(contentsOf: UTF8Sequence.replacement)
      repairs += 1
      start = invalid + UTF8Sequence(bytes, at: invalid).length
    }
  }

  /// Index of the first byte at or after `start` that does not begin or continue a character; `count` where all do.
  private static func firstInvalid(in bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while true {
      while index &+ 8 <= bytes.count, EightBytes(bytes, at: index).outsideASCII == 0 { index &+= 8 }
      // Eight bytes with something in them, or the last few.
      let stop = min(index &+ 8, bytes.count)
      while index < stop {
        let sequence = UTF8Sequence(bytes, at: index)
        guard sequence.isValid else { return index }
        index &+= sequence.length
      }
      if index >= bytes.count { return bytes.count }
    }
  }
}

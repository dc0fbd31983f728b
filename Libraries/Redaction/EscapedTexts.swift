import BaritoCore

/// Texts with their escapes resolved, and where each byte of them stands as it was written: so that what an escape hides
/// is found, and what is not taken out stays as it was.
struct EscapedTexts {
  /// A run that was copied, or one escape.
  private struct Piece {
    var decoded: Int
    var written: Range<Int>
    var isEscape: Bool
  }

  private(set) var bytes: [UInt8] = []
  private var pieces: [Piece] = []

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
  }

  /// Adds a text. A backslash that begins no escape stands for itself.
  /// - Parameter range: where it is written.
  /// - Returns: where it is in `bytes`.
  mutating func decode(_ range: Range<Int>, of document: Span<UInt8>) -> Range<Int> {
    let start = bytes.count
    var index = range.lowerBound
    while index < range.upperBound {
      let run = index
      while index < range.upperBound, document[index] != UInt8(ascii: "\\") { index += 1 }
      if index > run {
        pieces.append(Piece(decoded: bytes.count, written: run..<index, isEscape: false))
        bytes.append(copying: document.extracting(run..<index))
      }
      guard index < range.upperBound else { break }
      let (scalar, length) = EscapedTexts.escape(at: index, in: document.extracting(0..<range.upperBound))
      pieces.append(Piece(decoded: bytes.count, written: index..<index + length, isEscape: true))
      bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      index += length
    }
    return start..<bytes.count
  }

  /// Where what is decoded at a range stands as it was written. An escape that is there in part is there as a whole.
  func written(_ range: Range<Int>) -> Range<Int> {
    let first = pieces[piece(holding: range.lowerBound)]
    let last = pieces[piece(holding: max(range.lowerBound, range.upperBound - 1))]
    let lower = first.isEscape ? first.written.lowerBound : first.written.lowerBound + range.lowerBound - first.decoded
    let upper = last.isEscape ? last.written.upperBound : last.written.lowerBound + range.upperBound - last.decoded
    return lower..<upper
  }

  private func piece(holding index: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if pieces[middle].decoded <= index { low = middle } else { high = middle }
    }
    return low
  }

  /// The character that the escape at a backslash stands for, and its length as it is written.
  private static func escape(at index: Int, in text: Span<UInt8>) -> (Unicode.Scalar, Int) {
    guard index + 1 < text.count else { return ("\\", 1) }
    switch text[index + 1] {
    case UInt8(ascii: "\""): return ("\"", 2)
    case UInt8(ascii: "\\"): return ("\\", 2)
    case UInt8(ascii: "/"): return ("/", 2)
    case UInt8(ascii: "b"): return ("\u{8}", 2)
    case UInt8(ascii: "f"): return ("\u{C}", 2)
    case UInt8(ascii: "n"): return ("\n", 2)
    case UInt8(ascii: "r"): return ("\r", 2)
    case UInt8(ascii: "t"): return ("\t", 2)
    default: break
    }
    guard let unit = codeUnit(at: index, in: text) else { return ("\\", 1) }
    if unit & 0xFC00 == 0xD800, let low = codeUnit(at: index + 6, in: text), low & 0xFC00 == 0xDC00,
      let scalar = Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF))
    {
      return (scalar, 12)
    }
    // A surrogate without its other half is no character.
    return (Unicode.Scalar(unit) ?? "\u{FFFD}", 6)
  }

  /// The number of the `\uXXXX` at `index`; nil where there is none.
  private static func codeUnit(at index: Int, in text: Span<UInt8>) -> UInt32? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u") else {
      return nil
    }
    var unit: UInt32 = 0
    for place in (index + 2)..<(index + 6) {
      switch text[place] {
      case let digit where digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9"):
        unit = unit << 4 | UInt32(digit - UInt8(ascii: "0"))
      case let digit where digit | 0x20 >= UInt8(ascii: "a") && digit | 0x20 <= UInt8(ascii: "f"):
        unit = unit << 4 | UInt32((digit | 0x20) - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return unit
  }
}

extension JSONWriter {
  /// Appends `text` as a JSON string with its quotes, and returns how many U+FFFD stand for bytes that are not UTF-8.
  @discardableResult
  public static func append(string text: Span<UInt8>, to output: inout [UInt8]) -> Int {
    output.append(UInt8(ascii: "\""))
    let repairs = append(escaping: text, to: &output)
    output.append(UInt8(ascii: "\""))
    return repairs
  }

  /// Appends the inside of a JSON string whose text is `text`, and returns how many U+FFFD stand for bytes that are not
  /// UTF-8.
  @discardableResult
  public static func append(escaping text: Span<UInt8>, to output: inout [UInt8]) -> Int {
    var repairs = 0
    var start = 0
    var index = 0
    while true {
      index = text.firstNeedingCare(from: index)
      if index < text.count, text[index] >= 0x80 {
        let sequence = UTF8Sequence(text, at: index)
        if sequence.isValid {
          index &+= sequence.length
          continue
        }
        output.append(copying: text.extracting(start..<index))
        output.append(contentsOf: UTF8Sequence.replacement)
        repairs += 1
        index &+= sequence.length
      } else {
        output.append(copying: text.extracting(start..<index))
        guard index < text.count else { return repairs }
        append(escape: text[index], to: &output)
        index &+= 1
      }
      start = index
    }
  }

  /// Appends the escape of a quote, a backslash or a control character.
  private static func append(escape byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case 0x00..<0x20:
      output.append(contentsOf: "u00".utf8)
      output.append(byte >> 4 &+ UInt8(ascii: "0"))
      let low = byte & 0x0F
      output.append(low < 10 ? low &+ UInt8(ascii: "0") : low &- 10 &+ UInt8(ascii: "a"))
    default: output.append(byte)
    }
  }
}

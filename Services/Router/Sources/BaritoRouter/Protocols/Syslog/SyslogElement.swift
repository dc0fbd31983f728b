import BaritoCore

/// One element of structured data (RFC 5424, 6.3): `[id name="value" …]`. Offsets are those of the message.
struct SyslogElement: Equatable {
  struct Parameter: Equatable {
    var name: Range<Int>
    /// As it was sent: `\"`, `\\` and `\]` stand for what follows the backslash.
    var value: Range<Int>
  }

  var id: Range<Int>
  var parameters: [Parameter] = []

  /// What names the element that says whose a message is; 32473 is the number that RFC 5612 keeps for documentation, and
  /// nobody else's.
  static let ownID = "barito@32473"

  /// More of them are no structured data that anybody meant.
  static let maximumParameters = 256

  /// Reads an element and moves behind it; nil when there is none, and the cursor is where it was.
  init?(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) {
    var place = cursor
    guard place.skip("[", in: bytes), let id = SyslogElement.name(&place, in: bytes) else { return nil }
    self.id = id
    while place.skip(" ", in: bytes) {
      // A space before the bracket is not allowed, and is sent.
      if place.peek(in: bytes) == UInt8(ascii: "]") { break }
      guard let name = SyslogElement.name(&place, in: bytes), place.skip("=", in: bytes), place.skip("\"", in: bytes),
        let value = SyslogElement.value(&place, in: bytes), parameters.count < SyslogElement.maximumParameters
      else { return nil }
      parameters.append(Parameter(name: name, value: value))
    }
    guard place.skip("]", in: bytes) else { return nil }
    cursor = place
  }

  /// Whether this is Barito's own.
  func isOwn(in bytes: Span<UInt8>) -> Bool { bytes.extracting(id).isText(SyslogElement.ownID) }

  /// The value of the first parameter of that name, as it was sent.
  func value(of name: String, in bytes: Span<UInt8>) -> Range<Int>? {
    parameters.first { bytes.extracting($0.name).isText(name) }?.value
  }

  private static func name(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) -> Range<Int>? {
    cursor.token(in: bytes) { byte in
      byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "]")
        || byte == UInt8(ascii: "\"")
    }
  }

  /// Up to the quote, and moves behind that.
  private static func value(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) -> Range<Int>? {
    let start = cursor.position
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        cursor = SyslogCursor(at: index + 1)
        return start..<index
      }
      index += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  /// The text that a value stands for; nil when that is the value as it was sent.
  static func unescaped(_ value: Span<UInt8>) -> [UInt8]? {
    var text: [UInt8] = []
    var start = 0
    var index = 0
    while index < value.count {
      let next = index + 1
      if value[index] == UInt8(ascii: "\\"), next < value.count, isEscaped(value[next]) {
        text.append(copying: value.extracting(start..<index))
        start = next
        index = next
      }
      index += 1
    }
    guard start > 0 else { return nil }
    text.append(copying: value.extracting(start...))
    return text
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "]")
  }
}

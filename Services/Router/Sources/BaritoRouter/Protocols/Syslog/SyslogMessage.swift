import BaritoCore

/// One message of syslog by its parts. Offsets are those of the bytes it was read from.
///
/// It is read leniently: what is neither RFC 5424 nor RFC 3164 is text, and a part that is not what it should be belongs
/// to the text.
struct SyslogMessage: Equatable {
  /// What it is written by.
  enum Form: String, CaseIterable {
    case rfc5424
    case rfc3164
    /// It has no priority: it is nothing but text.
    case text
  }

  var form = Form.text
  /// Facility times 8, and severity.
  var priority: Int?
  var time: SyslogTime?
  var host: Range<Int>?
  var program: Range<Int>?
  var processID: Range<Int>?
  var messageID: Range<Int>?
  /// Barito's own element is not among them.
  var elements: [SyslogElement] = []
  /// Barito's own.
  var own: SyslogElement?
  var text: Range<Int>

  init(_ bytes: Span<UInt8>) {
    text = 0..<bytes.count
    var cursor = SyslogCursor()
    guard let priority = SyslogMessage.priority(&cursor, in: bytes) else {
      readText(from: SyslogCursor(), in: bytes)
      return
    }
    self.priority = priority
    if !readRFC5424(cursor, in: bytes) { readRFC3164(cursor, in: bytes) }
  }

  /// 0 kernel to 23 local7.
  var facility: Int? { priority.map { $0 >> 3 } }
  /// 0 emergency to 7 debug.
  var severity: Int? { priority.map { $0 & 7 } }

  /// `<0>` to `<191>`.
  private static func priority(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) -> Int? {
    guard cursor.skip("<", in: bytes), let number = cursor.number(in: bytes, digits: 1...3), number <= 191,
      cursor.skip(">", in: bytes)
    else { return nil }
    return number
  }

  // MARK: RFC 5424

  /// Reads what is behind the priority; false when it is not of this form, and nothing was taken.
  private mutating func readRFC5424(_ start: SyslogCursor, in bytes: Span<UInt8>) -> Bool {
    var cursor = start
    guard cursor.skip(text: "1 ", in: bytes) else { return false }
    var parts: [Range<Int>] = []
    for _ in 0..<5 {
      guard let part = cursor.token(in: bytes), cursor.skip(" ", in: bytes) else { return false }
      parts.append(part)
    }
    var data = cursor
    let hasData = readData(&data, in: bytes)
    guard hasData || cursor.peek(in: bytes) == UInt8(ascii: "[") else { return false }
    form = .rfc5424
    let given = parts.map { $0.count == 1 && bytes[$0.lowerBound] == UInt8(ascii: "-") ? nil : $0 }
    time = given[0].map { Timestamp(bytes.extracting($0)) == nil ? .unreadable($0) : .text($0) }
    (host, program, processID, messageID) = (given[1], given[2], given[3], given[4])
    // Structured data that cannot be read is text.
    readText(from: hasData ? data : cursor, in: bytes)
    return true
  }

  /// Reads `-` or elements, up to the space behind them or the message's end. False when that is not what stands there.
  private mutating func readData(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) -> Bool {
    var elements: [SyslogElement] = []
    var own: SyslogElement?
    var count = 0
    if !cursor.skip("-", in: bytes) {
      while true {
        guard let element = SyslogElement(&cursor, in: bytes) else { break }
        count += 1 + element.parameters.count
        guard count <= SyslogElement.maximumParameters else { return false }
        if element.isOwn(in: bytes) {
          own = own ?? element
        } else {
          elements.append(element)
        }
      }
      guard count > 0 else { return false }
    }
    guard cursor.peek(in: bytes) == nil || cursor.skip(" ", in: bytes) else { return false }
    self.elements = elements
    self.own = own
    return true
  }

  // MARK: RFC 3164

  private mutating func readRFC3164(_ start: SyslogCursor, in bytes: Span<UInt8>) {
    form = .rfc3164
    var cursor = start
    guard readTime(&cursor, in: bytes) else { return readText(from: start, in: bytes) }
    if readTag(&cursor, in: bytes) { return readText(from: cursor, in: bytes) }
    var next = cursor
    guard let name = next.token(in: bytes), !isTagLike(bytes.extracting(name)) else {
      return readText(from: cursor, in: bytes)
    }
    host = name
    _ = next.skip(" ", in: bytes)
    _ = readTag(&next, in: bytes)
    readText(from: next, in: bytes)
  }

  /// Reads the time and the space behind it.
  private mutating func readTime(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) -> Bool {
    var place = cursor
    if let date = SyslogDate(&place, in: bytes) {
      // Cisco's end with a colon.
      _ = place.skip(":", in: bytes)
      time = .date(date)
    } else if let range = place.token(in: bytes, limit: 40), Timestamp(bytes.extracting(range)) != nil {
      time = .text(range)
    } else {
      return false
    }
    guard place.skip(" ", in: bytes) || place.peek(in: bytes) == nil else {
      time = nil
      return false
    }
    cursor = place
    return true
  }

  /// Reads `program:` or `program[pid]:`; false when that is not what stands there.
  private mutating func readTag(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) -> Bool {
    var place = cursor
    guard
      let name = place.token(
        in: bytes, until: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") })
    else { return false }
    var number: Range<Int>?
    if place.skip("[", in: bytes) {
      number = place.token(in: bytes, until: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "]") })
      guard number != nil, place.skip("]", in: bytes) else { return false }
      _ = place.skip(":", in: bytes)
    } else if !place.skip(":", in: bytes) {
      return false
    }
    guard place.skip(" ", in: bytes) || place.peek(in: bytes) == nil else { return false }
    (program, processID) = (name, number)
    cursor = place
    return true
  }

  /// Whether a word is none that a host is called by.
  private func isTagLike(_ word: Span<UInt8>) -> Bool {
    if word[0] == UInt8(ascii: "[") || word[0] == UInt8(ascii: "{") { return true }
    return word[word.count - 1] == UInt8(ascii: ":")
  }

  // MARK: Text

  private mutating func readText(from start: SyslogCursor, in bytes: Span<UInt8>) {
    var cursor = start
    if bytes.has("\u{FEFF}", at: cursor.position) { cursor = SyslogCursor(at: cursor.position + 3) }
    // As often as it stands there: none of it is stored.
    var next = cursor
    while let element = SyslogElement(&next, in: bytes), element.isOwn(in: bytes) {
      own = own ?? element
      _ = next.skip(" ", in: bytes)
      cursor = next
    }
    text = cursor.position..<bytes.count
  }
}

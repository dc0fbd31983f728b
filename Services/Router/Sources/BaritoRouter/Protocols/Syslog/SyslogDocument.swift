import BaritoCore

/// Makes the document of a message. The README's table of syslog says what becomes what.
struct SyslogDocument {
  /// What became of a message.
  enum Outcome: Equatable {
    case whole
    /// Its text, or its structured data, is longer than a document may be: the document says so.
    case cut
    /// Not even its beginning fits.
    case tooLarge
  }

  private let message: SyslogMessage
  private let isCut: Bool
  private var repairs = 0
  private var isStamped = false

  /// - Parameters:
  ///   - bytes: what the message was read from.
  ///   - isCut: whether more of it came than `bytes`.
  static func append(
    _ message: SyslogMessage, of bytes: Span<UInt8>, isCut: Bool, to writer: inout DocumentBatchWriter
  ) -> Outcome {
    var document = SyslogDocument(message: message, isCut: isCut)
    return document.write(bytes, to: &writer)
  }

  private init(message: SyslogMessage, isCut: Bool) {
    self.message = message
    self.isCut = isCut
  }

  private mutating func write(_ bytes: Span<UInt8>, to writer: inout DocumentBatchWriter) -> Outcome {
    let (start, limit) = (writer.open, writer.limits.documentBytes)
    var isCut = self.isCut
    head(bytes, writer.receivedAt, to: &writer.output)
    let data = writer.open
    elements(bytes, to: &writer.output)
    if writer.open > data, writer.open - start + SyslogDocument.least > limit {
      // Structured data of that size is dropped as a whole: half of it would be another's meaning.
      writer.cancel(data)
      isCut = true
    }
    text(bytes, &isCut, room: limit - (writer.open - start), to: &writer.output)
    guard writer.close(start, isStamped: isStamped, repairs: repairs) == .taken else { return .tooLarge }
    return isCut ? .cut : .whole
  }

  // MARK: Parts

  private mutating func head(_ bytes: Span<UInt8>, _ receivedAt: Timestamp, to output: inout [UInt8]) {
    output.append(contentsOf: #"{"@timestamp":""#.utf8)
    var unreadable: Range<Int>?
    switch message.time {
    case .text(let range): output.append(copying: bytes.extracting(range))
    case .date(let date):
      let moment = date.moment(now: receivedAt)
      isStamped = moment == nil
      (moment ?? receivedAt).append(to: &output)
    case .unreadable(let range):
      unreadable = range
      fallthrough
    case nil:
      isStamped = true
      receivedAt.append(to: &output)
    }
    output.append(UInt8(ascii: "\""))
    if let severity = message.severity, let facility = message.facility {
      let level = LogLevel(number: Int64(severity)) ?? .info
      output.append(contentsOf: #","level":"\#(level.name)","severity":\#(severity)"#.utf8)
      output.append(contentsOf: #","facility":"\#(SyslogDocument.facilities[facility])""#.utf8)
    }
    member("timestamp", unreadable, bytes, to: &output)
    member("host", message.host, bytes, to: &output)
    member("program", message.program, bytes, to: &output)
    member("pid", message.processID, bytes, to: &output)
    member("msgid", message.messageID, bytes, to: &output)
  }

  private mutating func member(_ name: String, _ range: Range<Int>?, _ bytes: Span<UInt8>, to output: inout [UInt8]) {
    guard let range else { return }
    output.append(contentsOf: #",""#.utf8)
    output.append(contentsOf: name.utf8)
    output.append(contentsOf: #"":"#.utf8)
    repairs += JSONWriter.append(string: bytes.extracting(range), to: &output)
  }

  /// The elements by their ids. What RFC 5424 lets stand twice, a parameter's name, becomes an array; so does what it does
  /// not, by the parameters of both: a document with the same member twice is refused by Elasticsearch.
  private mutating func elements(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
    let elements = message.elements
    if elements.isEmpty { return }
    output.append(contentsOf: #","sd":{"#.utf8)
    for (index, element) in elements.enumerated() {
      func isSame(_ other: SyslogElement) -> Bool { bytes.isSame(other.id, element.id) }
      if elements[..<index].contains(where: isSame) { continue }
      if index > 0 { output.append(UInt8(ascii: ",")) }
      JSONWriter.append(string: bytes.extracting(element.id), to: &output)
      output.append(contentsOf: ":{".utf8)
      let parameters = element.parameters + elements[(index + 1)...].filter(isSame).flatMap(\.parameters)
      write(parameters, bytes, to: &output)
      output.append(UInt8(ascii: "}"))
    }
    output.append(UInt8(ascii: "}"))
  }

  private mutating func write(
    _ parameters: [SyslogElement.Parameter], _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) {
    for (index, parameter) in parameters.enumerated() {
      func isSame(_ other: SyslogElement.Parameter) -> Bool { bytes.isSame(other.name, parameter.name) }
      if parameters[..<index].contains(where: isSame) { continue }
      if index > 0 { output.append(UInt8(ascii: ",")) }
      JSONWriter.append(string: bytes.extracting(parameter.name), to: &output)
      output.append(UInt8(ascii: ":"))
      let others = parameters[(index + 1)...].filter(isSame)
      if !others.isEmpty { output.append(UInt8(ascii: "[")) }
      value(parameter.value, bytes, to: &output)
      for other in others {
        output.append(UInt8(ascii: ","))
        value(other.value, bytes, to: &output)
      }
      if !others.isEmpty { output.append(UInt8(ascii: "]")) }
    }
  }

  private mutating func value(_ range: Range<Int>, _ bytes: Span<UInt8>, to output: inout [UInt8]) {
    let value = bytes.extracting(range)
    if let text = SyslogElement.unescaped(value) {
      repairs += JSONWriter.append(string: text.span, to: &output)
    } else {
      repairs += JSONWriter.append(string: value, to: &output)
    }
  }

  /// The text and the document's end, in so many bytes.
  private mutating func text(
    _ bytes: Span<UInt8>, _ isCut: inout Bool, room: Int, to output: inout [UInt8]
  ) {
    let limit = output.count + room
    output.append(contentsOf: #","message":""#.utf8)
    let start = output.count
    repairs += JSONWriter.append(escaping: bytes.extracting(message.text), to: &output)
    if isCut || output.count + SyslogDocument.end.utf8.count > limit {
      isCut = true
      let end = limit - SyslogDocument.cutEnd.utf8.count
      if output.count > end { output.removeSubrange(SyslogDocument.cut(output.span, from: start, to: end)...) }
    }
    output.append(contentsOf: (isCut ? SyslogDocument.cutEnd : SyslogDocument.end).utf8)
  }

  /// The end of the last character of a JSON string's inside that ends at `end` or before.
  private static func cut(_ text: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var index = start
    while index < end {
      let length: Int
      switch text[index] {
      case UInt8(ascii: "\\"): length = text[index + 1] == UInt8(ascii: "u") ? 6 : 2
      case 0xC0...0xDF: length = 2
      case 0xE0...0xEF: length = 3
      case 0xF0...0xFF: length = 4
      default: length = 1
      }
      guard index + length <= end else { break }
      index += length
    }
    return index
  }

  private static let end = #""}"#
  private static let cutEnd = #"","truncated":true}"#
  /// Bytes that a text of nothing takes.
  private static let least = #","message":"","truncated":true}"#.utf8.count

  /// RFC 5424, 6.2.1, by the names of syslog(3) where it has one.
  static let facilities = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit",
    "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
  ]
}

extension Span<UInt8> {
  /// Whether the same bytes stand at both places.
  fileprivate func isSame(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
    guard one.count == other.count else { return false }
    for index in 0..<one.count where self[one.lowerBound + index] != self[other.lowerBound + index] { return false }
    return true
  }
}

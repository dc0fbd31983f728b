import BaritoCore

/// How lines are written for people and programs. Pure.
struct LineFormat: Sendable {
  var output: CommandSettings.Output
  var timestamps: CommandSettings.Timestamps
  /// Whether to colour.
  var isColored: Bool
  /// Whether a person reads it on a terminal: short times, and no control characters let through.
  var isTerminal: Bool
  /// Whether lines of several apps come, so that each must say whose it is.
  var showsApp: Bool

  private static let messages = ["message", "msg", "@message", "log"]
  private static let levels = ["level", "severity", "log.level", "loglevel"]

  /// Appends one line with its end.
  ///
  /// - Parameter bytes: the event as it came.
  func append(_ event: TailEvent, document: Range<Int>, of bytes: Span<UInt8>, to output: inout [UInt8]) {
    switch self.output {
    case .json: appendVerbatim(bytes, to: &output)
    case .raw: appendVerbatim(bytes.extracting(document), to: &output)
    case .text: appendText(event, document, bytes, &output)
    }
    output.append(0x0A)
  }

  private func appendVerbatim(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
    guard isTerminal else { return output.append(copying: bytes) }
    var copy: [UInt8] = []
    copy.append(copying: bytes)
    output.append(contentsOf: SafeText.of(String(decoding: copy, as: UTF8.self)).utf8)
  }

  private func appendText(
    _ event: TailEvent, _ document: Range<Int>, _ bytes: Span<UInt8>, _ output: inout [UInt8]
  ) {
    let level = LogLevel.of(objectAt: document, in: bytes)
    var message: String?
    var rest: [(name: String, value: String)] = []
    var members = JSONMembers(of: document)
    while let member = try? members.next(in: bytes) {
      let name = member.key.decoded(in: bytes)
      let value = member.value.string(in: bytes)
      if message == nil, Self.messages.contains(name), let value {
        message = value
      } else if name != "@timestamp", !(level != nil && Self.levels.contains(name.lowercased())) {
        rest.append((name, value.map(Self.quoted) ?? Self.text(member.value.range, bytes)))
      }
    }
    var parts: [String] = []
    if timestamps != .none {
      let time = isTerminal ? String(event.at.dropFirst(11).dropLast()) : event.at
      parts.append(paint(time, .dim))
    }
    if showsApp { parts.append(paint(SafeText.of(event.app), .app)) }
    if let level { parts.append(paint(Self.column(level), .level(level))) } else if isTerminal { parts.append("     ") }
    guard let message else {
      // Without a message the document speaks for itself.
      parts.append(SafeText.of(Self.text(document, bytes)))
      return output.append(contentsOf: parts.joined(separator: " ").utf8)
    }
    parts.append(SafeText.of(message, lineBreak: isTerminal ? "\n    " : nil))
    for (name, value) in rest { parts.append(paint("\(SafeText.of(name))=\(SafeText.of(value))", .dim)) }
    output.append(contentsOf: parts.joined(separator: " ").utf8)
  }

  private static func column(_ level: LogLevel) -> String {
    switch level {
    case .trace: "TRACE"
    case .debug: "DEBUG"
    case .info: "INFO "
    case .notice: "NOTE "
    case .warning: "WARN "
    case .error: "ERROR"
    case .critical: "CRIT "
    }
  }

  private static func text(_ range: Range<Int>, _ bytes: Span<UInt8>) -> String {
    var copy: [UInt8] = []
    copy.append(copying: bytes.extracting(range))
    return String(decoding: copy, as: UTF8.self)
  }

  private static func quoted(_ value: String) -> String {
    guard value.isEmpty || value.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }) else { return value }
    var bytes: [UInt8] = []
    JSONWriter.append(string: value.utf8Span.span, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private enum Tone {
    case dim, app
    case level(LogLevel)

    var code: String {
      switch self {
      case .dim: "2"
      case .app: "36"
      case .level(.trace), .level(.debug): "2"
      case .level(.info): "32"
      case .level(.notice): "34"
      case .level(.warning): "33"
      case .level(.error): "31"
      case .level(.critical): "1;31"
      }
    }
  }

  private func paint(_ text: String, _ tone: Tone) -> String {
    isColored ? "\u{1b}[\(tone.code)m\(text)\u{1b}[0m" : text
  }
}

/// Makes text of strangers harmless on a terminal. Pure.
enum SafeText {
  /// The text with control characters, escape sequences among them, and those that change the direction of writing
  /// shown as `\x1b` and `\u{202e}`.
  ///
  /// - Parameter lineBreak: what stands for a line feed; nil shows it as `\n`.
  static func of(_ text: String, lineBreak: String? = nil) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A: safe.append(contentsOf: (lineBreak ?? "\\n").unicodeScalars)
      case 0x09: safe.append(scalar)
      case 0x0D where lineBreak != nil: continue
      case 0x0D: safe.append(contentsOf: "\\r".unicodeScalars)
      case 0..<0x20, 0x7f..<0xa0:
        let digits = String(scalar.value, radix: 16)
        safe.append(contentsOf: "\\x\(digits.count < 2 ? "0" : "")\(digits)".unicodeScalars)
      case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029:
        safe.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: safe.append(scalar)
      }
    }
    return String(safe)
  }
}

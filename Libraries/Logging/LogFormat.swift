/// How events are written.
public enum LogFormat: String, Sendable, CaseIterable {
  /// Text on a terminal, JSON lines elsewhere.
  case auto
  /// `2026-11-22T10:00:00.000Z INFO message key=value`
  case text
  /// One JSON object a line: `time`, `level`, `message` and the metadata.
  case json
}

/// Writes an event as one line of bytes. Whatever an event holds, it stays one line, and a terminal shows it and does
/// not obey it.
struct LogEncoder: Sendable {
  var isJSON: Bool
  /// Only for text.
  var hasColour: Bool

  func encode(_ time: LogTime, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> [UInt8] {
    var line = isJSON ? json(time, level, message, metadata) : text(time, level, message, metadata)
    line.append("\n")
    return Array(line.utf8)
  }

  private func text(_ time: LogTime, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
    let name = level.rawValue.uppercased()
    let padding = String(repeating: " ", count: max(0, 8 - name.utf8.count))
    var line = "\(time.text) \(hasColour ? "\u{1b}[\(colour(of: level))m\(name)\u{1b}[0m" : name)\(padding) "
    line += escaped(message)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let key = escaped(key)
      line += hasColour ? " \u{1b}[2m\(key)=\u{1b}[0m" : " \(key)="
      line += isPlain(value) ? value : "\"\(escaped(value, quotes: true))\""
    }
    return line
  }

  private func json(_ time: LogTime, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
    var line = "{\"time\":\"\(time.text)\",\"level\":\"\(level.rawValue)\",\"message\":\"\(jsonEscaped(message))\""
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      // The event's own members come first and are not repeated.
      let key = ["time", "level", "message"].contains(key) ? "metadata.\(key)" : key
      line += ",\"\(jsonEscaped(key))\":\"\(jsonEscaped(value))\""
    }
    return line + "}"
  }

  private func colour(of level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "2"
    case .info: "32"
    case .notice: "36"
    case .warning: "33"
    case .error: "31"
    case .critical: "1;31"
    }
  }

  private func isPlain(_ value: String) -> Bool {
    !value.isEmpty
      && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
  }

  private func escaped(_ text: String, quotes: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\"" where quotes: result += "\\\""
      case "\\" where quotes: result += "\\\\"
      case _ where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private func jsonEscaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where isControl(scalar):
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// C0, C1, line and paragraph separators, and the marks that change the direction of text.
  private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}

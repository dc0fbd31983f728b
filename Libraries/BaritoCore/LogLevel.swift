/// How grave a line is, in the words and numbers that loggers use.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  case trace, debug, info, notice, warning, error, critical

  public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }

  /// The name in lower case: `warning`.
  public var name: String { "\(self)" }

  /// Reads a name in any case, as loggers write it: `WARN`, `Warning`, `E`, `fatal`; or a number as text. nil for
  /// anything else.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count <= 16 else { return nil }
    switch text.lowercased() {
    case "trace", "t", "verbose", "finest", "finer", "all", "silly": self = .trace
    case "debug", "d", "dbg", "fine", "config": self = .debug
    case "info", "i", "information", "informational", "inf", "log": self = .info
    case "notice", "n", "success": self = .notice
    case "warning", "w", "warn", "wrn": self = .warning
    case "error", "e", "err", "severe": self = .error
    case "critical", "c", "crit", "fatal", "f", "ftl", "panic", "dpanic", "alert", "emerg", "emergency":
      self = .critical
    default:
      guard let number = Int64(text), let level = LogLevel(number: number) else { return nil }
      self = level
    }
  }

  /// Reads syslog's severities (0 emergency to 7 debug, RFC 5424) and bunyan's levels (10 trace to 60 fatal). nil for
  /// other numbers.
  public init?(number: Int64) {
    switch number {
    case 0...2: self = .critical
    case 3: self = .error
    case 4: self = .warning
    case 5: self = .notice
    case 6: self = .info
    case 7: self = .debug
    case 10..<20: self = .trace
    case 20..<30: self = .debug
    case 30..<40: self = .info
    case 40..<50: self = .warning
    case 50..<60: self = .error
    case 60...100: self = .critical
    default: return nil
    }
  }

  /// Reads a string or a number of a document. nil for anything else.
  public init?(_ element: JSONElement, in bytes: Span<UInt8>) {
    if let number = element.integer(in: bytes) {
      self.init(number: number)
    } else if let text = element.string(in: bytes) {
      self.init(text)
    } else {
      return nil
    }
  }

  /// The level of a document: the first of its members `level`, `severity`, `log.level`, `loglevel` (in any case) that
  /// says one; `log.level` may also be a member `level` of an object `log`. nil where none does.
  ///
  /// - Parameter range: of the document, an object that has been checked.
  public static func of(objectAt range: Range<Int>, in bytes: Span<UInt8>) -> LogLevel? {
    var members = JSONMembers(of: range)
    while let member = try? members.next(in: bytes) {
      switch member.value.kind {
      case .string, .number:
        guard names.contains(where: { member.key.equals(ignoringCase: $0, in: bytes) }) else { continue }
        if let level = LogLevel(member.value, in: bytes) { return level }
      case .object where member.key.equals(ignoringCase: log, in: bytes):
        if let level = levelOfLog(member.value.range, bytes) { return level }
      default: continue
      }
    }
    return nil
  }

  private static let names: [[UInt8]] = ["level", "severity", "log.level", "loglevel"].map { Array($0.utf8) }
  private static let log = Array("log".utf8)
  private static let level = Array("level".utf8)

  private static func levelOfLog(_ range: Range<Int>, _ bytes: Span<UInt8>) -> LogLevel? {
    var members = JSONMembers(of: range)
    while let member = try? members.next(in: bytes) {
      if member.key.equals(ignoringCase: level, in: bytes) { return LogLevel(member.value, in: bytes) }
    }
    return nil
  }
}

extension JSONStringText {
  /// Whether the text is this lower-case ASCII but for the case of its letters; a text with escapes is not.
  func equals(ignoringCase text: [UInt8], in bytes: Span<UInt8>) -> Bool {
    guard !hasEscapes, range.count == text.count else { return false }
    for index in 0..<text.count {
      let byte = bytes[range.lowerBound + index]
      let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
      if lower != text[index] { return false }
    }
    return true
  }
}

/// How a value is written between the quotes of a configuration, so that the shipper reads it as it is.
///
/// Names of apps and secrets hold no character that needs it today; a host's name or a path of an operator's may.
enum Quoting: Sendable, CaseIterable {
  /// `"…"` with backslashes, as JSON, YAML, Alloy and Python have it.
  case backslash
  /// The same, in a file in which `$` stands for a variable and `$$` for itself, in comments too.
  case expanded
  /// `'…'` of fluentd, where nothing is evaluated.
  case fluentd
  /// `'…'` of a shell.
  case shell
  /// `"…"` of RainerScript, where a dollar is itself.
  case rsyslog
  /// `"…"` of syslog-ng, where `$` begins a macro and a backtick a variable.
  case syslogNG
  /// `"…"` of Logstash, which has no escapes: what it cannot hold becomes `_`.
  case logstash

  /// The value as it stands between the quotes.
  func quoted(_ value: String) -> String { value.unicodeScalars.map(quoted).joined() }

  /// The value as it stands in a comment: on one line.
  func commented(_ value: String) -> String {
    let line = String(String.UnicodeScalarView(value.unicodeScalars.map { Self.isControl($0) ? " " : $0 }))
    return self == .expanded
      ? line.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$") : line
  }

  private func quoted(_ scalar: Unicode.Scalar) -> String {
    switch (self, scalar) {
    case (.backslash, "\""), (.backslash, "\\"), (.expanded, "\""), (.expanded, "\\"), (.rsyslog, "\""),
      (.rsyslog, "\\"), (.syslogNG, "\""), (.syslogNG, "\\"), (.fluentd, "'"), (.fluentd, "\\"):
      "\\\(scalar)"
    case (.expanded, "$"), (.syslogNG, "$"), (.syslogNG, "`"): "\(scalar)\(scalar)"
    case (.shell, "'"): "'\\''"
    case (.logstash, "\""), (.logstash, "\\"), (.logstash, "$"), (.logstash, "%"): "_"
    case (.backslash, _) where Self.isControl(scalar), (.expanded, _) where Self.isControl(scalar):
      "\\u" + String(repeating: "0", count: 4 - Self.hex(scalar).count) + Self.hex(scalar)
    case (_, _) where Self.isControl(scalar): " "
    default: String(scalar)
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
  private static func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16) }
}

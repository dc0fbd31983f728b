import BaritoCore

/// What a log record says in single values; body and attributes are written as they are found.
struct OTLPRecord {
  /// Nanoseconds since 1970; zero for unknown, as OTLP has it.
  var time: UInt64 = 0
  /// Nanoseconds since 1970 when it was collected; zero for unknown.
  var observedTime: UInt64 = 0
  /// 1 to 24, in six levels of four; zero for unknown.
  var severity: Int64 = 0
  var flags: UInt32 = 0
  var droppedAttributes: UInt32 = 0
  /// Where texts stand in the body; empty for none.
  var severityText = 0..<0
  var eventName = 0..<0
  var traceID = 0..<0
  var spanID = 0..<0
}

extension LogLevel {
  /// The level of OpenTelemetry's severity numbers; nil for zero and what is none.
  init?(otlpSeverity number: Int64) {
    switch number {
    case 1...4: self = .trace
    case 5...8: self = .debug
    case 9...12: self = .info
    case 13...16: self = .warning
    case 17...20: self = .error
    case 21...24: self = .critical
    default: return nil
    }
  }
}

import BaritoCore

/// The members of a log record that are read, as JSON calls them.
enum OTLPRecordKey: String, CaseIterable {
  case timeUnixNano, observedTimeUnixNano, severityNumber, severityText, body, attributes, droppedAttributesCount
  case flags, traceId, spanId, eventName

  /// Keys that were read.
  struct Set {
    private var bits: UInt32 = 0

    /// - Returns: false where it was there.
    mutating func insert(_ key: OTLPRecordKey) -> Bool {
      let bit: UInt32 = 1 << key.index
      defer { bits |= bit }
      return bits & bit == 0
    }
  }

  /// nil for a key that is not known.
  init?(_ text: JSONStringText, in bytes: Span<UInt8>) {
    // The length leaves one or two to compare.
    for key in Self.allCases where text.hasEscapes || key.length == text.range.count {
      if text.equals(key.rawValue, in: bytes) {
        self = key
        return
      }
    }
    return nil
  }

  private var length: Int {
    switch self {
    case .body: 4
    case .flags: 5
    case .spanId: 6
    case .traceId: 7
    case .eventName: 9
    case .attributes: 10
    case .timeUnixNano, .severityText: 12
    case .severityNumber: 14
    case .observedTimeUnixNano: 20
    case .droppedAttributesCount: 22
    }
  }

  private var index: UInt32 {
    switch self {
    case .timeUnixNano: 0
    case .observedTimeUnixNano: 1
    case .severityNumber: 2
    case .severityText: 3
    case .body: 4
    case .attributes: 5
    case .droppedAttributesCount: 6
    case .flags: 7
    case .traceId: 8
    case .spanId: 9
    case .eventName: 10
    }
  }
}

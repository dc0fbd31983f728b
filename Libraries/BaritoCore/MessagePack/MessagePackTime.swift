/// A time in MessagePack: fluentd's EventTime, or MessagePack's own timestamp.
public struct MessagePackTime: Sendable, Equatable {
  /// Since 1970, UTC.
  public var seconds: Int64
  /// 0 to 999,999,999.
  public var nanoseconds: UInt32

  public init(seconds: Int64, nanoseconds: UInt32) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Seconds with a fraction; nil for what is no time.
  public init?(seconds: Double) {
    guard seconds.magnitude < 0x1p53 else { return nil }
    var whole = Int64(seconds)
    if Double(whole) > seconds { whole -= 1 }
    self.init(seconds: whole, nanoseconds: min(UInt32((seconds - Double(whole)) * 1e9), 999_999_999))
  }

  /// The value of an extension: type 0 of eight bytes is fluentd's EventTime, type -1 of four, eight or twelve bytes is
  /// MessagePack's timestamp; nil for everything else.
  public init?(_ type: Int8, _ value: Span<UInt8>) {
    func number(_ range: Range<Int>) -> UInt64 {
      var number: UInt64 = 0
      for index in range { number = number << 8 | UInt64(value[index]) }
      return number
    }
    switch (type, value.count) {
    case (0, 8): self.init(seconds: Int64(number(0..<4)), nanoseconds: UInt32(number(4..<8)))
    case (-1, 4): self.init(seconds: Int64(number(0..<4)), nanoseconds: 0)
    case (-1, 8): self.init(seconds: Int64(number(0..<8) & 0x3_FFFF_FFFF), nanoseconds: UInt32(number(0..<8) >> 34))
    case (-1, 12): self.init(seconds: Int64(bitPattern: number(4..<12)), nanoseconds: UInt32(number(0..<4)))
    default: return nil
    }
    guard nanoseconds < 1_000_000_000 else { return nil }
  }

  /// The same time in milliseconds, cut; nil outside of the years that a timestamp knows.
  public var timestamp: Timestamp? {
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return nil }
    let (milliseconds, tooLarge) = scaled.addingReportingOverflow(Int64(nanoseconds / 1_000_000))
    return tooLarge ? nil : Timestamp(milliseconds: milliseconds)
  }

  /// Appends RFC 3339 in UTC, with milliseconds, or with nanoseconds where milliseconds are not enough.
  /// - Returns: false outside of the years that a timestamp knows; nothing has been appended then.
  @discardableResult
  public func append(to output: inout [UInt8]) -> Bool {
    guard let timestamp else { return false }
    timestamp.append(to: &output)
    var rest = nanoseconds % 1_000_000
    guard rest > 0 else { return true }
    output.removeLast()
    var divisor: UInt32 = 100_000
    while divisor > 0 {
      output.append(UInt8(ascii: "0") + UInt8(rest / divisor))
      rest %= divisor
      divisor /= 10
    }
    output.append(UInt8(ascii: "Z"))
    return true
  }
}

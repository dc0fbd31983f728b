/// Why bytes are not the MessagePack value that was expected.
public struct MessagePackError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The bounded reason: a metric label, a switch.
  public enum Code: String, Sendable, CaseIterable {
    /// The bytes so far are right, and the value goes on: read more and try again. At the end of a stream it means that
    /// the value was cut.
    case incomplete
    /// The byte 0xC1, which begins no value.
    case badType
    /// A value of another type than the one asked for.
    case unexpectedType
    /// More arrays and maps inside each other than allowed.
    case tooDeep
    /// More elements than allowed.
    case tooMany
    /// A longer text, binary or extension than allowed.
    case tooLong
  }

  public var code: Code
  /// Index of the first byte of the value at fault.
  public var offset: Int
  /// What is wrong there, in words: "a map of 4294967295 members, of which 1000000 are allowed".
  public var reason: String

  public init(_ code: Code, at offset: Int, _ reason: String) {
    self.code = code
    self.offset = offset
    self.reason = reason
  }

  /// Whether more bytes may mend it; everything else is wrong whatever follows.
  public var needsMoreBytes: Bool { code == .incomplete }

  public var description: String { "invalid MessagePack at byte \(offset): \(reason)" }
}

/// What a value may claim and contain, so that a few bytes cannot make a reader wait or work for ever.
public struct MessagePackLimits: Sendable, Equatable {
  /// Arrays and maps inside each other.
  public var depth: Int
  /// Elements of one array or keys of one map; where whole values are framed or skipped, of all of them together.
  public var elements: Int
  /// Bytes of one text, binary or extension.
  public var length: Int

  public init(depth: Int = 100, elements: Int = 1_000_000, length: Int = 1 << 28) {
    self.depth = depth
    self.elements = elements
    self.length = length
  }
}

/// The kinds of JSON values (RFC 8259).
public enum JSONKind: String, Sendable {
  case object
  case array
  case string
  case number
  case boolean
  case null

  /// The kind that a value starting with `byte` must be; nil where no value starts like this.
  init?(startingWith byte: UInt8) {
    switch byte {
    case UInt8(ascii: "{"): self = .object
    case UInt8(ascii: "["): self = .array
    case UInt8(ascii: "\""): self = .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): self = .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .boolean
    case UInt8(ascii: "n"): self = .null
    default: return nil
    }
  }
}

/// Where a JSON value stands in its bytes.
public struct JSONElement: Sendable, Equatable {
  public var kind: JSONKind
  /// The value's bytes, without white space around them; a string's include its quotes.
  public var range: Range<Int>

  public init(kind: JSONKind, range: Range<Int>) {
    self.kind = kind
    self.range = range
  }
}

/// Where the text of a JSON string stands: an object's key, or a string value.
public struct JSONStringText: Sendable, Equatable {
  /// The bytes between the quotes.
  public var range: Range<Int>
  /// Whether there is a backslash among them; without one the bytes are the text.
  public var hasEscapes: Bool

  public init(range: Range<Int>, hasEscapes: Bool) {
    self.range = range
    self.hasEscapes = hasEscapes
  }
}

/// One member of an object.
public struct JSONMember: Sendable, Equatable {
  public var key: JSONStringText
  public var value: JSONElement
}

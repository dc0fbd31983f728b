/// Why bytes are not the protobuf message that was expected. Sending the same bytes again cannot help.
public struct ProtobufError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The bounded reason: a metric label, a switch.
  public enum Code: String, Sendable, CaseIterable {
    /// The bytes end inside a field, or a length reaches beyond the end of its message.
    case truncated
    /// A varint of more bytes than its kind allows, or one that holds more bits.
    case varintTooLong
    /// Field number 0, or one above 2^29 - 1.
    case badFieldNumber
    /// Wire type 6 or 7.
    case badWireType
    /// The end of a group that was not begun, or a group that does not end.
    case unbalancedGroup
    /// More levels of groups or values than allowed.
    case tooDeep
    /// More bytes than protobuf allows in a message: 2 GiB.
    case tooLarge
  }

  public var code: Code
  /// Index of the byte at fault: where the field, length or number begins that cannot be read.
  public var offset: Int
  /// What is wrong there, in words: "a length of 12 reaches 3 bytes beyond the end".
  public var reason: String

  public init(_ code: Code, at offset: Int, _ reason: String) {
    self.code = code
    self.offset = offset
    self.reason = reason
  }

  public var description: String { "invalid protobuf at byte \(offset): \(reason)" }
}

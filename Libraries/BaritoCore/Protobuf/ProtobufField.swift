/// What stands in front of a value in the protobuf wire format: which field it is of, and how it is encoded.
public struct ProtobufField: Sendable, Equatable {
  /// How a value is encoded.
  public enum WireType: UInt8, Sendable {
    /// int32, int64, uint32, uint64, sint32, sint64, bool, enum.
    case varint = 0
    /// fixed64, sfixed64, double: eight bytes.
    case fixed64 = 1
    /// string, bytes, messages, packed repeated scalars: a length and that many bytes.
    case lengthDelimited = 2
    /// The begin of a group; its fields follow, until its end.
    case startGroup = 3
    /// The end of a group.
    case endGroup = 4
    /// fixed32, sfixed32, float: four bytes.
    case fixed32 = 5
  }

  /// 1 to 2^29 - 1.
  public var number: Int
  public var wireType: WireType

  public init(_ number: Int, _ wireType: WireType) {
    self.number = number
    self.wireType = wireType
  }
}

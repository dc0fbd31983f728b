extension ProtobufReader {
  /// Undoes the zigzag encoding of sint32 and sint64: 0, 1, 2, 3 are 0, -1, 1, -2.
  public static func zigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1) }

  /// Reads a value of a repeated field of varints, packed or not, and appends what it holds.
  /// - Returns: false where the field's wire type is another; nothing has been read then.
  public mutating func repeatedVarints(
    _ field: ProtobufField, in bytes: Span<UInt8>, to values: inout [UInt64]
  ) throws(ProtobufError) -> Bool {
    switch field.wireType {
    case .varint: values.append(try varint(in: bytes))
    case .lengthDelimited:
      var packed = ProtobufReader(try lengthDelimited(in: bytes))
      while !packed.isAtEnd { values.append(try packed.varint(in: bytes)) }
    default: return false
    }
    return true
  }

  /// Reads a value of a repeated field of four bytes each, packed or not, and appends what it holds.
  /// - Returns: false where the field's wire type is another; nothing has been read then.
  public mutating func repeatedFixed32(
    _ field: ProtobufField, in bytes: Span<UInt8>, to values: inout [UInt32]
  ) throws(ProtobufError) -> Bool {
    switch field.wireType {
    case .fixed32: values.append(try fixed32(in: bytes))
    case .lengthDelimited:
      var packed = ProtobufReader(try lengthDelimited(in: bytes))
      while !packed.isAtEnd { values.append(try packed.fixed32(in: bytes)) }
    default: return false
    }
    return true
  }

  /// Reads a value of a repeated field of eight bytes each, packed or not, and appends what it holds.
  /// - Returns: false where the field's wire type is another; nothing has been read then.
  public mutating func repeatedFixed64(
    _ field: ProtobufField, in bytes: Span<UInt8>, to values: inout [UInt64]
  ) throws(ProtobufError) -> Bool {
    switch field.wireType {
    case .fixed64: values.append(try fixed64(in: bytes))
    case .lengthDelimited:
      var packed = ProtobufReader(try lengthDelimited(in: bytes))
      while !packed.isAtEnd { values.append(try packed.fixed64(in: bytes)) }
    default: return false
    }
    return true
  }
}

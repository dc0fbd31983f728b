/// Writes the protobuf wire format, as much of it as small answers need.
///
/// ```swift
/// var status = ProtobufWriter()
/// status.varint(1, 3)                     // code: INVALID_ARGUMENT
/// status.string(2, "the body is cut short")
/// ```
///
/// Fields are written as given: leaving out those that have their default value is up to the caller.
public struct ProtobufWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8]

  /// - Parameter bytes: what to append to.
  public init(appendingTo bytes: [UInt8] = []) { self.bytes = bytes }

  /// Writes a field of an integer that is not negative, a bool or an enum.
  public mutating func varint(_ field: Int, _ value: UInt64) {
    tag(field, .varint)
    append(varint: value)
  }

  /// Writes a field of an int32 or int64; a negative one takes ten bytes.
  public mutating func integer(_ field: Int, _ value: Int64) { varint(field, UInt64(bitPattern: value)) }

  /// Writes a field of text.
  public mutating func string(_ field: Int, _ text: String) { self.bytes(field, text.utf8Span.span) }

  /// Writes a field of bytes.
  public mutating func bytes(_ field: Int, _ value: Span<UInt8>) {
    tag(field, .lengthDelimited)
    append(varint: UInt64(value.count))
    bytes.append(copying: value)
  }

  /// Writes a field of a message; `body` writes its fields.
  public mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    bytes(field, inner.bytes.span)
  }

  private mutating func tag(_ field: Int, _ wireType: ProtobufField.WireType) {
    precondition(field > 0 && field < 1 << 29, "protobuf has no field number \(field)")
    append(varint: UInt64(field) << 3 | UInt64(wireType.rawValue))
  }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

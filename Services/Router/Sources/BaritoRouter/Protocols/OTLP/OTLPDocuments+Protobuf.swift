import BaritoCore

/// Values in the wire format.
///
/// ```
/// KeyValue { string key = 1; AnyValue value = 2; }
/// AnyValue { oneof value { string = 1; bool = 2; int64 = 3; double = 4; ArrayValue = 5; KeyValueList = 6; bytes = 7; } }
/// ArrayValue { repeated AnyValue values = 1; }
/// KeyValueList { repeated KeyValue values = 1; }
/// ```
extension OTLPDocuments {
  /// Appends `"message":…,` or `"body":…,`; nothing for a value that is none.
  mutating func body(_ range: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]) throws(ProtobufError) {
    let start = output.count
    output.append(contentsOf: "\"message\":".utf8)
    let kind = try value(range, in: bytes, depth: 0, to: &output)
    settleBody(kind, from: start, &output)
  }

  /// Appends `"attributes":{…},` of a field of a message; nothing where there are none.
  mutating func attributes(
    _ number: Int, of range: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(ProtobufError) {
    let start = output.count
    output.append(contentsOf: "\"attributes\":".utf8)
    let isEmpty = try object(of: number, in: range, bytes, depth: 1, to: &output)
    if isEmpty { output.removeSubrange(start...) } else { output.append(UInt8(ascii: ",")) }
  }

  mutating func droppedAttributes(
    _ number: Int, of range: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(ProtobufError) {
    var count: UInt64 = 0
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      if field == ProtobufField(number, .varint) {
        count = try reader.varint(in: bytes)
      } else {
        try reader.skip(field, in: bytes)
      }
    }
    append(droppedAttributes: UInt32(truncatingIfNeeded: count), to: &output)
  }

  /// Appends an AnyValue that stands inside `depth` objects and arrays.
  private mutating func value(
    _ range: Range<Int>, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(ProtobufError) -> JSONKind {
    var number = 0
    var bits: UInt64 = 0
    var content = 0..<0
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (2, .varint), (3, .varint): bits = try reader.varint(in: bytes)
      case (4, .fixed64): bits = try reader.fixed64(in: bytes)
      case (1, .lengthDelimited), (5, .lengthDelimited), (6, .lengthDelimited), (7, .lengthDelimited):
        content = try reader.lengthDelimited(in: bytes)
      default:
        try reader.skip(field, in: bytes)
        continue
      }
      number = field.number
    }
    guard hasRoom(for: 0, in: output) else { return .null }
    switch number {
    case 1:
      append(text: content, in: bytes, to: &output)
      return .string
    case 2:
      output.append(contentsOf: (bits != 0 ? "true" : "false").utf8)
      return .boolean
    case 3:
      JSONWriter.append(integer: Int64(bitPattern: bits), to: &output)
      return .number
    case 4: return append(double: Double(bitPattern: bits), to: &output)
    case 5:
      try array(content, in: bytes, depth: depth + 1, to: &output)
      return .array
    case 6:
      _ = try object(of: 1, in: content, bytes, depth: depth + 1, to: &output)
      return .object
    case 7:
      guard hasRoom(for: content.count, in: output) else { return .null }
      output.append(UInt8(ascii: "\""))
      Base64.append(bytes.extracting(content), to: &output)
      output.append(UInt8(ascii: "\""))
      return .string
    default:
      output.append(contentsOf: "null".utf8)
      return .null
    }
  }

  /// Appends the KeyValues of a repeated field as an object; a repeated key counts as it stands first.
  /// - Returns: whether there are none.
  private mutating func object(
    of number: Int, in range: Range<Int>, _ bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(ProtobufError) -> Bool {
    guard depth <= Self.maximumDepth else {
      note(.tooDeep)
      return false
    }
    let object = object()
    output.append(UInt8(ascii: "{"))
    let start = output.count
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      guard field == ProtobufField(number, .lengthDelimited) else {
        try reader.skip(field, in: bytes)
        continue
      }
      let (key, content) = try keyValue(try reader.lengthDelimited(in: bytes), in: bytes)
      guard append(key: key, of: object, in: bytes, to: &output) else { continue }
      _ = try value(content, in: bytes, depth: depth, to: &output)
      output.append(UInt8(ascii: ","))
    }
    let isEmpty = output.count == start
    close(&output)
    return isEmpty
  }

  private func keyValue(
    _ range: Range<Int>, in bytes: Span<UInt8>
  ) throws(ProtobufError) -> (key: Range<Int>, value: Range<Int>) {
    // What is left out has its default: an empty key, a value that is none.
    var key = range.lowerBound..<range.lowerBound
    var value = key
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (1, .lengthDelimited): key = try reader.lengthDelimited(in: bytes)
      case (2, .lengthDelimited): value = try reader.lengthDelimited(in: bytes)
      default: try reader.skip(field, in: bytes)
      }
    }
    return (key, value)
  }

  private mutating func array(
    _ range: Range<Int>, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(ProtobufError) {
    guard depth <= Self.maximumDepth else { return note(.tooDeep) }
    output.append(UInt8(ascii: "["))
    var isFirst = true
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      guard field == ProtobufField(1, .lengthDelimited) else {
        try reader.skip(field, in: bytes)
        continue
      }
      let content = try reader.lengthDelimited(in: bytes)
      guard fault == nil else { continue }
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      _ = try value(content, in: bytes, depth: depth, to: &output)
    }
    output.append(UInt8(ascii: "]"))
  }
}

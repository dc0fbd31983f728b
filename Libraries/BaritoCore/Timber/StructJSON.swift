/// Writes `google.protobuf.Struct` as JSON bytes.
///
/// ```
/// Struct    { map<string, Value> fields = 1; }
/// Value     { oneof kind { null = 1; double = 2; string = 3; bool = 4; Struct = 5; ListValue = 6; } }
/// ListValue { repeated Value values = 1; }
/// ```
struct StructJSON: Sendable {
  /// How many objects and arrays may be inside each other.
  static let maximumDepth = 100

  /// What an object turned out to have.
  struct Members {
    var isEmpty: Bool
    var hasTimestamp: Bool
  }

  /// How many U+FFFD were written in place of bytes that are not UTF-8.
  var repairs = 0
  private var index = StructMembers()

  /// Forgets what was found, and what an error left behind.
  mutating func reset() {
    repairs = 0
    index.removeAll()
  }

  /// Appends the members of a Struct with the commas between them, without the braces around them.
  mutating func members(
    of range: Range<Int>, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(ProtobufError) -> Members {
    guard depth <= Self.maximumDepth else { throw tooDeep(at: range) }
    let own = try index.scan(range, in: bytes)
    var found = Members(isEmpty: own.isEmpty, hasTimestamp: false)
    for position in own {
      if position > own.lowerBound { output.append(UInt8(ascii: ",")) }
      let member = index[position]
      let key = bytes.extracting(member.key)
      if isTimestamp(key) { found.hasTimestamp = true }
      repairs &+= JSONWriter.append(string: key, to: &output)
      output.append(UInt8(ascii: ":"))
      if member.isWhole {
        let joined = try values(of: member.value, in: bytes).joined
        try value(0..<joined.count, in: joined.span, depth: depth, to: &output)
      } else {
        try value(member.value, in: bytes, depth: depth, to: &output)
      }
    }
    index.removeLast(own.count)
    return found
  }

  private enum Kind { case null, number, string, bool, object, list }

  /// Appends a Value that stands inside `depth` objects and arrays.
  private mutating func value(
    _ range: Range<Int>, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(ProtobufError) {
    var kind = Kind.null
    var bits: UInt64 = 0
    var text = 0..<0
    var messages = ProtobufOccurrences()
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (1, .varint):
        _ = try reader.varint(in: bytes)
        kind = .null
      case (2, .fixed64):
        bits = try reader.fixed64(in: bytes)
        kind = .number
      case (3, .lengthDelimited):
        text = try reader.lengthDelimited(in: bytes)
        kind = .string
      case (4, .varint):
        bits = try reader.varint(in: bytes)
        kind = .bool
      case (5, .lengthDelimited), (6, .lengthDelimited):
        let next = field.number == 5 ? Kind.object : .list
        // The same kind again is merged; another kind replaces what was before.
        if kind != next { messages.removeAll() }
        messages.append(try reader.lengthDelimited(in: bytes), in: bytes)
        kind = next
      default: try reader.skip(field, in: bytes)
      }
    }
    switch kind {
    case .null: output.append(contentsOf: "null".utf8)
    case .number: JSONWriter.append(number: Double(bitPattern: bits), to: &output)
    case .string: repairs &+= JSONWriter.append(string: bytes.extracting(text), to: &output)
    case .bool: output.append(contentsOf: (bits != 0 ? "true" : "false").utf8)
    case .object, .list:
      if messages.isOne {
        try container(kind, messages.first, in: bytes, depth: depth + 1, to: &output)
      } else {
        let joined = messages.joined
        try container(kind, 0..<joined.count, in: joined.span, depth: depth + 1, to: &output)
      }
    }
  }

  private mutating func container(
    _ kind: Kind, _ range: Range<Int>, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(ProtobufError) {
    if kind == .object {
      output.append(UInt8(ascii: "{"))
      _ = try members(of: range, in: bytes, depth: depth, to: &output)
      output.append(UInt8(ascii: "}"))
    } else {
      try list(range, in: bytes, depth: depth, to: &output)
    }
  }

  private mutating func list(
    _ range: Range<Int>, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(ProtobufError) {
    guard depth <= Self.maximumDepth else { throw tooDeep(at: range) }
    output.append(UInt8(ascii: "["))
    var isFirst = true
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      guard field == ProtobufField(1, .lengthDelimited) else {
        try reader.skip(field, in: bytes)
        continue
      }
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      try value(try reader.lengthDelimited(in: bytes), in: bytes, depth: depth, to: &output)
    }
    output.append(UInt8(ascii: "]"))
  }

  /// The values of a map's entry that has several.
  private func values(of entry: Range<Int>, in bytes: Span<UInt8>) throws(ProtobufError) -> ProtobufOccurrences {
    var values = ProtobufOccurrences()
    var reader = ProtobufReader(entry)
    while let field = try reader.nextField(in: bytes) {
      if field == ProtobufField(2, .lengthDelimited) {
        values.append(try reader.lengthDelimited(in: bytes), in: bytes)
      } else {
        try reader.skip(field, in: bytes)
      }
    }
    return values
  }

  private func tooDeep(at range: Range<Int>) -> ProtobufError {
    ProtobufError(
      .tooDeep, at: range.lowerBound, "more than \(Self.maximumDepth) objects and arrays inside each other")
  }
}

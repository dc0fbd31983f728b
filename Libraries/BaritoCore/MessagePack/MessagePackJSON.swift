/// Writes MessagePack values as JSON bytes.
///
/// | MessagePack | JSON |
/// |---|---|
/// | nil, bool | the same |
/// | integers of all sizes | all their digits |
/// | float 32, float 64 | as few digits as give the same number again; "NaN", "Infinity", "-Infinity" |
/// | str, bin | text, with U+FFFD for what is not UTF-8 |
/// | array, map | array, object; repeated keys stay repeated |
/// | a key that is a scalar | its text |
/// | a key that is an array or a map | its bytes in base64 |
/// | fluentd's EventTime, MessagePack's timestamp | RFC 3339 text with milliseconds, or nanoseconds where needed |
/// | other extensions | their bytes in base64 |
public enum MessagePackJSON {
  /// What a map turned out to have.
  public struct Members: Sendable, Equatable {
    public var isEmpty = true
    /// Whether a key of the map itself is `@timestamp`.
    public var hasTimestamp = false
    /// Whether a key of the map itself is `tag`.
    public var hasTag = false
    /// How many U+FFFD were put in place of bytes that are not UTF-8.
    public var repairs = 0

    public init(isEmpty: Bool = true) { self.isEmpty = isEmpty }
  }

  /// Appends the reader's next value.
  /// - Returns: how many U+FFFD were put in place of bytes that are not UTF-8.
  /// - Throws: what is wrong with the value; nothing has been appended then, and the reader stands where it stood.
  public static func append(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(MessagePackError) -> Int {
    let (start, length) = (reader, output.count)
    var repairs = 0
    do throws(MessagePackError) {
      try value(&reader, in: bytes, depth: 0, &repairs, to: &output)
    } catch {
      reader = start
      output.removeLast(output.count - length)
      throw error
    }
    return repairs
  }

  /// Appends the members of the reader's next value, which must be a map, with the commas between them, without the
  /// braces around them, so that others can be added.
  /// - Throws: what is wrong with the map; nothing has been appended then, and the reader stands where it stood.
  public static func appendMembers(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(MessagePackError) -> Members {
    let (start, length) = (reader, output.count)
    do throws(MessagePackError) {
      let count = try reader.map(in: bytes)
      guard reader.limits.depth > 0 else { throw .tooDeep(0, at: start.position) }
      return try members(count, &reader, in: bytes, depth: 1, to: &output)
    } catch {
      reader = start
      output.removeLast(output.count - length)
      throw error
    }
  }

  private static func value(
    _ reader: inout MessagePackReader, in bytes: Span<UInt8>, depth: Int, _ repairs: inout Int,
    to output: inout [UInt8]
  ) throws(MessagePackError) {
    let offset = reader.position
    let token = try reader.next(in: bytes)
    switch token {
    case .array(let count):
      guard depth < reader.limits.depth else { throw .tooDeep(reader.limits.depth, at: offset) }
      output.append(UInt8(ascii: "["))
      for index in 0..<count {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        try value(&reader, in: bytes, depth: depth &+ 1, &repairs, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .map(let count):
      guard depth < reader.limits.depth else { throw .tooDeep(reader.limits.depth, at: offset) }
      output.append(UInt8(ascii: "{"))
      repairs &+= try members(count, &reader, in: bytes, depth: depth &+ 1, to: &output).repairs
      output.append(UInt8(ascii: "}"))
    default: scalar(token, in: bytes, &repairs, to: &output)
    }
  }

  private static func members(
    _ count: Int, _ reader: inout MessagePackReader, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(MessagePackError) -> Members {
    var found = Members(isEmpty: count == 0)
    for index in 0..<count {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      let start = reader
      let token = try reader.next(in: bytes)
      switch token {
      case .string(let key), .binary(let key):
        let text = bytes.extracting(key)
        if isTimestamp(text) { found.hasTimestamp = true }
        if isTag(text) { found.hasTag = true }
        found.repairs &+= JSONWriter.append(string: text, to: &output)
      case .extended: scalar(token, in: bytes, &found.repairs, to: &output)
      case .array, .map:
        // As JSON text inside of text its escapes would double on every level.
        reader = start
        let range = try reader.skip(in: bytes)
        appendBase64(bytes.extracting(range), to: &output)
      case .null, .bool, .integer, .unsigned, .float, .double:
        let quoted = isQuoted(token)
        if !quoted { output.append(UInt8(ascii: "\"")) }
        scalar(token, in: bytes, &found.repairs, to: &output)
        if !quoted { output.append(UInt8(ascii: "\"")) }
      }
      output.append(UInt8(ascii: ":"))
      try value(&reader, in: bytes, depth: depth, &found.repairs, to: &output)
    }
    return found
  }

  private static func isTag(_ key: Span<UInt8>) -> Bool {
    key.count == 3 && key[0] == UInt8(ascii: "t") && key[1] == UInt8(ascii: "a") && key[2] == UInt8(ascii: "g")
  }

  /// Appends what is neither an array nor a map.
  private static func scalar(
    _ token: MessagePackToken, in bytes: Span<UInt8>, _ repairs: inout Int, to output: inout [UInt8]
  ) {
    switch token {
    case .string(let range), .binary(let range):
      repairs &+= JSONWriter.append(string: bytes.extracting(range), to: &output)
    case .integer(let value): JSONWriter.append(integer: value, to: &output)
    case .unsigned(let value): JSONWriter.append(integer: value, to: &output)
    case .float(let value): JSONWriter.append(float: value, to: &output)
    case .double(let value): JSONWriter.append(float: value, to: &output)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .extended(let type, let range): append(extension: type, bytes.extracting(range), to: &output)
    case .null, .array, .map: output.append(contentsOf: "null".utf8)
    }
  }

  /// Whether a scalar is written with quotes already: a number that JSON does not have.
  private static func isQuoted(_ token: MessagePackToken) -> Bool {
    switch token {
    case .float(let value): !value.isFinite
    case .double(let value): !value.isFinite
    default: false
    }
  }

  private static func append(extension type: Int8, _ value: Span<UInt8>, to output: inout [UInt8]) {
    if let time = MessagePackTime(type, value), time.timestamp != nil {
      output.append(UInt8(ascii: "\""))
      time.append(to: &output)
      output.append(UInt8(ascii: "\""))
    } else {
      appendBase64(value, to: &output)
    }
  }

  private static func appendBase64(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
    var copy: [UInt8] = []
    copy.append(copying: bytes)
    output.append(UInt8(ascii: "\""))
    output.append(contentsOf: Base64.encode(copy).utf8)
    output.append(UInt8(ascii: "\""))
  }
}

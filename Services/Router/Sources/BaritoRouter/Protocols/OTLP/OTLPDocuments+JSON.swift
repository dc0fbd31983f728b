import BaritoCore

/// Values in OTLP's JSON: `{"stringValue":"…"}` and the like, attributes as `[{"key":"…","value":{…}}]`.
extension OTLPDocuments {
  /// Appends the members of the resource that stands next.
  mutating func resource(
    _ scanner: inout JSONScanner, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(JSONError) {
    try shared(["attributes", "droppedAttributesCount"], &scanner, in: bytes, to: &output)
  }

  /// Appends the members of the scope that stands next.
  mutating func scope(
    _ scanner: inout JSONScanner, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(JSONError) {
    try shared(["attributes", "droppedAttributesCount", "name", "version"], &scanner, in: bytes, to: &output)
  }

  private mutating func shared(
    _ known: [String], _ scanner: inout JSONScanner, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(JSONError) {
    var seen: [String] = []
    var name = 0..<0
    var version = 0..<0
    var dropped: UInt32 = 0
    try scanner.openObject(in: bytes)
    while let key = try scanner.nextKey(in: bytes) {
      guard let member = known.first(where: { key.equals($0, in: bytes) }), try scanner.peekKind(in: bytes) != .null
      else {
        _ = try scanner.value(in: bytes)
        continue
      }
      if seen.contains(member) { throw .twice(member, at: key) }
      seen.append(member)
      switch member {
      case "attributes": try attributes(&scanner, in: bytes, to: &output)
      case "name": name = try scanner.text(member, in: bytes)
      case "version": version = try scanner.text(member, in: bytes)
      default: dropped = try scanner.unsigned32(member, in: bytes)
      }
    }
    append(member: "\"name\":", ifAny: name, in: bytes, to: &output)
    append(member: "\"version\":", ifAny: version, in: bytes, to: &output)
    append(droppedAttributes: dropped, to: &output)
  }

  /// Appends `"message":…,` or `"body":…,` of the value that stands next; nothing for a value that is none.
  mutating func body(
    _ scanner: inout JSONScanner, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(JSONError) {
    let start = output.count
    output.append(contentsOf: "\"message\":".utf8)
    let kind = try value(&scanner, in: bytes, depth: 0, to: &output)
    settleBody(kind, from: start, &output)
  }

  /// Appends `"attributes":{…},` of the array that stands next; nothing where it is empty.
  mutating func attributes(
    _ scanner: inout JSONScanner, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(JSONError) {
    let start = output.count
    output.append(contentsOf: "\"attributes\":".utf8)
    let isEmpty = try keyValues("attributes", &scanner, in: bytes, depth: 1, to: &output)
    if isEmpty { output.removeSubrange(start...) } else { output.append(UInt8(ascii: ",")) }
  }

  private static let kinds = [
    "stringValue", "intValue", "boolValue", "doubleValue", "kvlistValue", "arrayValue", "bytesValue",
  ]

  /// Appends the AnyValue that stands next, inside `depth` objects and arrays.
  private mutating func value(
    _ scanner: inout JSONScanner, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(JSONError) -> JSONKind {
    let isNull = try scanner.peekKind(in: bytes) == .null
    if isNull || fault != nil {
      _ = try scanner.value(in: bytes)
      output.append(contentsOf: "null".utf8)
      return .null
    }
    var found: JSONKind?
    try scanner.openObject(in: bytes)
    while let key = try scanner.nextKey(in: bytes) {
      guard let name = Self.kinds.first(where: { key.equals($0, in: bytes) }),
        try scanner.peekKind(in: bytes) != .null
      else {
        _ = try scanner.value(in: bytes)
        continue
      }
      guard found == nil else {
        throw JSONError(.unexpectedByte, at: key.range.lowerBound, "a value has \"\(name)\" and another")
      }
      found = try content(name, &scanner, in: bytes, depth: depth, to: &output)
    }
    if found == nil { output.append(contentsOf: "null".utf8) }
    return found ?? .null
  }

  private mutating func content(
    _ name: String, _ scanner: inout JSONScanner, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(JSONError) -> JSONKind {
    switch name {
    case "stringValue", "bytesValue":
      append(text: try scanner.text(name, in: bytes), in: bytes, to: &output)
      return .string
    case "intValue":
      JSONWriter.append(integer: try scanner.signed(name, in: bytes), to: &output)
      return .number
    case "boolValue":
      let element = try scanner.value(in: bytes)
      guard element.kind == .boolean else {
        throw .notA("true or false", name, element.kind, at: element.range.lowerBound)
      }
      output.append(copying: bytes.extracting(element.range))
      return .boolean
    case "doubleValue":
      let element = try scanner.value(in: bytes)
      guard let double = element.double(in: bytes) else {
        throw .notA("a number", name, at: element.range.lowerBound)
      }
      return append(double: double, to: &output)
    case "arrayValue":
      try inner(name, &scanner, in: bytes, depth: depth + 1, to: &output)
      return .array
    default:
      try inner(name, &scanner, in: bytes, depth: depth + 1, to: &output)
      return .object
    }
  }

  /// Appends the array or object whose `{"values":[…]}` stands next.
  private mutating func inner(
    _ name: String, _ scanner: inout JSONScanner, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(JSONError) {
    let isArray = name == "arrayValue"
    var isFound = false
    try scanner.openObject(in: bytes)
    while let key = try scanner.nextKey(in: bytes) {
      guard key.equals("values", in: bytes), try scanner.peekKind(in: bytes) != .null else {
        _ = try scanner.value(in: bytes)
        continue
      }
      if isFound { throw .twice("values", at: key) }
      isFound = true
      if isArray {
        try array(&scanner, in: bytes, depth: depth, to: &output)
      } else {
        _ = try keyValues("values", &scanner, in: bytes, depth: depth, to: &output)
      }
    }
    if !isFound { output.append(contentsOf: (isArray ? "[]" : "{}").utf8) }
  }

  private mutating func array(
    _ scanner: inout JSONScanner, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(JSONError) {
    if depth > Self.maximumDepth { note(.tooDeep) }
    guard try scanner.isArray("values", in: bytes) else { return }
    output.append(UInt8(ascii: "["))
    var isFirst = true
    while try scanner.nextElement(in: bytes) {
      guard fault == nil else {
        _ = try scanner.value(in: bytes)
        continue
      }
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      _ = try value(&scanner, in: bytes, depth: depth, to: &output)
    }
    output.append(UInt8(ascii: "]"))
  }

  /// Appends the array of KeyValues that stands next as an object; a repeated key counts as it stands first.
  /// - Returns: whether there are none.
  private mutating func keyValues(
    _ name: String, _ scanner: inout JSONScanner, in bytes: Span<UInt8>, depth: Int, to output: inout [UInt8]
  ) throws(JSONError) -> Bool {
    if depth > Self.maximumDepth { note(.tooDeep) }
    guard try scanner.isArray(name, in: bytes) else { return true }
    let object = object()
    output.append(UInt8(ascii: "{"))
    let start = output.count
    while try scanner.nextElement(in: bytes) {
      guard fault == nil else {
        _ = try scanner.value(in: bytes)
        continue
      }
      try keyValue(of: object, &scanner, in: bytes, depth: depth, to: &output)
    }
    let isEmpty = output.count == start
    close(&output)
    return isEmpty
  }

  private mutating func keyValue(
    of object: JSONKeySet.Object, _ scanner: inout JSONScanner, in bytes: Span<UInt8>, depth: Int,
    to output: inout [UInt8]
  ) throws(JSONError) {
    var key: Range<Int>?
    // Where the value begins, if it is not written yet.
    var early: JSONScanner?
    var hasValue = false
    try scanner.openObject(in: bytes)
    while let name = try scanner.nextKey(in: bytes) {
      if name.equals("key", in: bytes) {
        if key != nil { throw .twice("key", at: name) }
        key = try scanner.text("key", in: bytes)
      } else if name.equals("value", in: bytes) {
        if hasValue { throw .twice("value", at: name) }
        hasValue = true
        if let key {
          try member(key, of: object, &scanner, in: bytes, depth: depth, to: &output)
        } else {
          early = scanner
          _ = try scanner.value(in: bytes)
        }
      } else {
        _ = try scanner.value(in: bytes)
      }
    }
    if hasValue, early == nil { return }
    // What is left out has its default: an empty key, a value that is none.
    let text = key ?? 0..<0
    if var early {
      try member(text, of: object, &early, in: bytes, depth: depth, to: &output)
    } else if append(key: text, of: object, in: bytes, to: &output) {
      output.append(contentsOf: "null,".utf8)
    }
  }

  private mutating func member(
    _ key: Range<Int>, of object: JSONKeySet.Object, _ scanner: inout JSONScanner, in bytes: Span<UInt8>, depth: Int,
    to output: inout [UInt8]
  ) throws(JSONError) {
    guard append(key: key, of: object, in: bytes, to: &output) else {
      _ = try scanner.value(in: bytes)
      return
    }
    _ = try value(&scanner, in: bytes, depth: depth, to: &output)
    output.append(UInt8(ascii: ","))
  }
}

extension JSONElement {
  /// A double: a number, or a string of one, or one of the names that protobuf's JSON has for what is none. nil for
  /// anything else.
  fileprivate func double(in bytes: Span<UInt8>) -> Double? {
    switch kind {
    case .number:
      var text: [UInt8] = []
      text.append(copying: bytes.extracting(range))
      return Double(String(decoding: text, as: UTF8.self))
    case .string:
      let text = string(in: bytes) ?? ""
      if ["NaN", "Infinity", "-Infinity"].contains(text) { return .nan }
      var scanner = JSONScanner()
      let inner = text.utf8Span.span
      guard let number = try? scanner.value(in: inner), number.kind == .number, (try? scanner.end(in: inner)) != nil
      else { return nil }
      return Double(text)
    default: return nil
    }
  }
}

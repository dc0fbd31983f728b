import BaritoCore

/// Pieces of a document that both encodings write.
extension OTLPDocuments {
  /// One more object of the document.
  mutating func object() -> JSONKeySet.Object { keys.object() }

  /// Appends a text of the body as a JSON string.
  mutating func append(text: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]) {
    guard hasRoom(for: text.count, in: output) else { return }
    let text = bytes.extracting(text)
    switch encoding {
    case .protobuf: repairs += JSONWriter.append(string: text, to: &output)
    case .json:
      // Its escapes are JSON's already.
      output.append(UInt8(ascii: "\""))
      repairs += UTF8Repair.append(repairing: text, to: &output)
      output.append(UInt8(ascii: "\""))
    }
  }

  /// Appends a key and its colon.
  /// - Returns: false where nothing was appended, since the object has the key, or the document is full.
  mutating func append(
    key: Range<Int>, of object: JSONKeySet.Object, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) -> Bool {
    guard hasRoom(for: key.count, in: output) else { return false }
    let start = output.count
    var keyRepairs = 0
    if encoding == .json, key.contains(where: { bytes[$0] == UInt8(ascii: "\\") }) {
      // The same key has many spellings with escapes.
      var decoded: [UInt8] = []
      JSONStringText(range: key, hasEscapes: true).appendDecoded(in: bytes, to: &decoded)
      keyRepairs = JSONWriter.append(string: decoded.span, to: &output)
    } else {
      keyRepairs = JSONWriter.append(string: bytes.extracting(key), to: &output)
    }
    guard keys.insert(output.span.extracting(start..<output.count), in: object) else {
      output.removeSubrange(start...)
      return false
    }
    repairs += keyRepairs
    output.append(UInt8(ascii: ":"))
    return true
  }

  /// Appends `{"message":…}`'s or `{"body":…}`'s member of a value that was written from `start` behind the ten bytes of
  /// `"message":`, with a comma behind it: text is a message, as every line has one; an object is a body; anything else is
  /// a message with its JSON as text, so that each member has one kind of value.
  mutating func settleBody(_ kind: JSONKind, from start: Int, _ output: inout [UInt8]) {
    let value = start + 10
    switch kind {
    case .string: break
    case .null:
      output.removeSubrange(start...)
      return
    case .object: output.replaceSubrange(start..<value, with: "\"body\":".utf8)
    case .number, .boolean, .array:
      let json = Array(output[value...])
      output.removeSubrange(value...)
      JSONWriter.append(string: json.span, to: &output)
    }
    output.append(UInt8(ascii: ","))
  }

  /// Appends an id in lower-case hexadecimal digits; nothing for one of zeros only, which is none. JSON that has something
  /// else there keeps it.
  mutating func append(
    key: String, id: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) {
    let zero = encoding == .protobuf ? 0 : UInt8(ascii: "0")
    guard id.contains(where: { bytes[$0] != zero }), hasRoom(for: 2 * id.count, in: output) else { return }
    output.append(contentsOf: key.utf8)
    if encoding == .json {
      let start = output.count
      append(text: id, in: bytes, to: &output)
      guard id.allSatisfy({ isHexadecimal(bytes[$0]) }) else { return }
      for index in start..<output.count where output[index] < UInt8(ascii: "a") && output[index] >= UInt8(ascii: "A") {
        output[index] |= 0x20
      }
      return
    }
    output.append(UInt8(ascii: "\""))
    for index in id {
      append(digit: bytes[index] >> 4, to: &output)
      append(digit: bytes[index] & 0xF, to: &output)
    }
    output.append(UInt8(ascii: "\""))
  }

  private func append(digit: UInt8, to output: inout [UInt8]) {
    output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}

extension OTLPDocuments {
  /// Appends a member and the comma behind it; nothing for an empty text.
  mutating func append(
    member key: String, ifAny text: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) {
    guard !text.isEmpty else { return }
    output.append(contentsOf: key.utf8)
    append(text: text, in: bytes, to: &output)
    output.append(UInt8(ascii: ","))
  }

  /// Appends how many attributes the sender left out, with the comma behind it; nothing for zero.
  func append(droppedAttributes count: UInt32, to output: inout [UInt8]) {
    guard count > 0 else { return }
    output.append(contentsOf: "\"dropped_attributes_count\":".utf8)
    JSONWriter.append(integer: UInt64(count), to: &output)
    output.append(UInt8(ascii: ","))
  }

  /// Appends a double, always so that it reads as one; null for what JSON has no number for.
  func append(double: Double, to output: inout [UInt8]) -> JSONKind {
    guard double.isFinite else {
      output.append(contentsOf: "null".utf8)
      return .null
    }
    // Elasticsearch takes a field's type from its first value: `1` would make it an integer.
    output.append(contentsOf: double.description.utf8)
    return .number
  }
}

import BaritoCore

/// The document of a record as a viewer gets it: one JSON object on one line. Pure.
enum LineDocument {
  /// The value as it is, where it is an object on one line in UTF-8, as the Router writes them. An object otherwise
  /// written loses its line breaks and its invalid UTF-8; all else becomes the text of a `message`.
  static func make(_ value: Span<UInt8>) -> [UInt8] {
    var scanner = JSONScanner()
    guard let element = try? scanner.value(in: value), element.kind == .object, (try? scanner.end(in: value)) != nil
    else { return wrap(value) }
    var bytes: [UInt8] = []
    let object = value.extracting(element.range)
    if scanner.hasMalformedUTF8 {
      _ = UTF8Repair.append(repairing: object, to: &bytes)
    } else {
      bytes.append(copying: object)
    }
    if scanner.hasLineBreak {
      // Outside of strings only: inside they would not be JSON.
      for index in bytes.indices where bytes[index] == 0x0A || bytes[index] == 0x0D { bytes[index] = 0x20 }
    }
    return bytes
  }

  private static func wrap(_ value: Span<UInt8>) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("message")
    json.value(utf8: value)
    json.endObject()
    return json.bytes
  }
}

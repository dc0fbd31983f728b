internal import BaritoCore

/// Values in `jsonb` columns.
enum JSONText {
  static func encode(_ value: some Encodable) throws -> String {
    String(decoding: try WireJSON.encode(value), as: UTF8.self)
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    try WireJSON.decode(type, from: Array(text.utf8))
  }
}

import FoundationEssentials

/// JSON of the control plane: feed, provisioning, usage. Lines of tenants never pass through here.
public enum WireJSON {
  /// Keys are sorted, so that equal values are equal bytes.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value))
  }

  public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(bytes))
  }
}

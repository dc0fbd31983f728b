/// Header fields in the order they came, with names compared without regard to case.
///
/// All text lies in one array of bytes, so that copying the headers of a request costs two allocations however many
/// there are, and a value becomes a `String` only when it is asked for.
public struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
  private struct Field: Sendable {
    var name: UInt32
    var nameCount: UInt32
    var value: UInt32
    var valueCount: UInt32
  }

  /// Every name and every value ends with a zero byte, so that C reads them where they lie.
  private var text: [UInt8] = []
  private var fields: [Field] = []

  public init() {}

  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// The number of fields, repeated names included.
  public var count: Int { fields.count }

  /// The first value of a field, or nil. Setting replaces every field of that name; nil removes them.
  public subscript(name: String) -> String? {
    get {
      guard let field = fields.first(where: { matches($0, name) }) else { return nil }
      return string(field.value, field.valueCount)
    }
    set {
      fields = fields.filter { !matches($0, name) }
      if let newValue { add(name, newValue) }
    }
  }

  /// Every value of a field, in the order they came.
  public func all(_ name: String) -> [String] {
    fields.filter { matches($0, name) }.map { string($0.value, $0.valueCount) }
  }

  /// Whether a field is there, whatever its value.
  public func contains(_ name: String) -> Bool { fields.contains { matches($0, name) } }

  /// Appends a field, keeping others of that name.
  public mutating func add(_ name: String, _ value: String) {
    var name = name
    var value = value
    name.withUTF8 { name in value.withUTF8 { value in add(name: .init(name), value: .init(value)) } }
  }

  /// Names and values in order, for those who need them all.
  public var pairs: [(name: String, value: String)] {
    fields.map { (string($0.name, $0.nameCount), string($0.value, $0.valueCount)) }
  }

  /// Whether a name holds white space, with which `Content-Length : 5` hides from one server and not from the next.
  var hasSpaceInName: Bool {
    fields.contains { field in
      text[Int(field.name)..<Int(field.name + field.nameCount)].contains { $0 <= UInt8(ascii: " ") }
    }
  }

  mutating func reserve(fields count: Int, bytes: Int) {
    fields.reserveCapacity(count)
    text.reserveCapacity(bytes)
  }

  mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let start = UInt32(text.count)
    let nameCount = UInt32(name.count)
    text.append(contentsOf: name)
    text.append(0)
    text.append(contentsOf: value)
    text.append(0)
    fields.append(
      Field(name: start, nameCount: nameCount, value: start + nameCount + 1, valueCount: UInt32(value.count)))
  }

  /// Calls `body` with each name and value as C strings that live as long as the call.
  func forEachCString(_ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Void) {
    text.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
      for field in fields { body(base + Int(field.name), base + Int(field.value)) }
    }
  }

  private func string(_ start: UInt32, _ count: UInt32) -> String {
    String(decoding: text[Int(start)..<Int(start + count)], as: UTF8.self)
  }

  private func matches(_ field: Field, _ name: String) -> Bool {
    let other = name.utf8
    guard other.count == Int(field.nameCount) else { return false }
    var index = Int(field.name)
    for byte in other {
      if HTTPHeaders.lowercase(text[index]) != HTTPHeaders.lowercase(byte) { return false }
      index += 1
    }
    return true
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}

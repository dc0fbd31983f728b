/// What an array of Swift may hold to be one value of PostgreSQL.
public protocol PostgresArrayElement: Sendable {
  /// The whole array in text format.
  static func arrayText(_ elements: [Self]) -> String

  /// Reads a whole array; nil when it is not of this type.
  static func array(from text: String) -> [Self]?
}

extension Array: PostgresValue where Element: PostgresArrayElement {
  public var postgresText: String? { Element.arrayText(self) }

  public static func fromPostgres(_ text: String?) -> [Element]? { text.flatMap { Element.array(from: $0) } }
}

extension Int: PostgresArrayElement {}
extension Int64: PostgresArrayElement {}
extension Int32: PostgresArrayElement {}
extension Double: PostgresArrayElement {}
extension Bool: PostgresArrayElement {}
extension String: PostgresArrayElement {}
extension PostgresTimestamp: PostgresArrayElement {}
extension Optional: PostgresArrayElement where Wrapped: PostgresValue {}

extension PostgresArrayElement where Self: PostgresValue {
  public static func arrayText(_ elements: [Self]) -> String {
    "{" + elements.map { $0.postgresText.map(quoted) ?? "NULL" }.joined(separator: ",") + "}"
  }

  private static func quoted(_ text: String) -> String {
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
      quoted.append(byte)
    }
    quoted.append(UInt8(ascii: "\""))
    return String(decoding: quoted, as: UTF8.self)
  }

  public static func array(from text: String) -> [Self]? {
    guard let texts = ArrayText.elements(of: text) else { return nil }
    var elements: [Self] = []
    for text in texts {
      guard let element = Self.fromPostgres(text) else { return nil }
      elements.append(element)
    }
    return elements
  }
}

/// The text format of one-dimensional arrays: `{a,"b \" c",NULL}`.
enum ArrayText {
  /// The elements, nil for NULL; nil for anything that is not a one-dimensional array.
  static func elements(of text: String) -> [String?]? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
    var elements: [String?] = []
    var index = 1
    let end = bytes.count - 1
    while index < end {
      var element: [UInt8] = []
      let isQuoted = bytes[index] == UInt8(ascii: "\"")
      if isQuoted { index += 1 }
      while index < end, bytes[index] != UInt8(ascii: isQuoted ? "\"" : ",") {
        if bytes[index] == UInt8(ascii: "\\") { index += 1 }
        // An unquoted brace starts a second dimension.
        if !isQuoted && bytes[index] == UInt8(ascii: "{") { return nil }
        element.append(bytes[index])
        index += 1
      }
      if isQuoted {
        guard index < end else { return nil }
        index += 1
      }
      let text = String(decoding: element, as: UTF8.self)
      elements.append(!isQuoted && text == "NULL" ? nil : text)
      if index < end {
        guard bytes[index] == UInt8(ascii: ","), index + 1 < end else { return nil }
        index += 1
      }
    }
    return elements
  }
}

/// An array of bytes is a `bytea`.
extension UInt8: PostgresArrayElement {
  private static let digits = Array("0123456789abcdef".utf8)

  public static func arrayText(_ elements: [UInt8]) -> String {
    var text = Array("\\x".utf8)
    text.reserveCapacity(2 + elements.count * 2)
    for byte in elements {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  public static func array(from text: String) -> [UInt8]? {
    let digits = text.utf8
    guard text.hasPrefix("\\x"), digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2 - 1)
    var high: Int?
    for digit in digits.dropFirst(2) {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
      if let first = high {
        bytes.append(UInt8(first << 4 | value))
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }
}

/// What an app or a group may be called, and the topic name that follows from it.
///
/// The rule is the first Barito's: letters, digits, `_`, `-` and spaces, beginning and ending with a letter or digit.
/// It keeps every topic a legal Kafka topic and every index a legal Elasticsearch index.
public enum AppName {
  public static let maximumLength = 64

  /// Why a name is refused, in a sentence for the person who typed it.
  public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// The topic name of an app: its name in lower case with `-` for spaces.
  public static func topicName(for name: String) throws(Refusal) -> String {
    try validate(name)
    return String(decoding: name.utf8.map { topicByte($0) }, as: UTF8.self)
  }

  public static func validate(_ name: String) throws(Refusal) {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, let last = bytes.last else { throw Refusal(description: "The name is empty.") }
    guard bytes.count <= maximumLength else {
      throw Refusal(description: "The name has \(bytes.count) characters; \(maximumLength) are allowed.")
    }
    guard bytes.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == dash || $0 == space }) else {
      throw Refusal(description: "A name is made of the letters a to z, digits, spaces, - and _.")
    }
    guard isAlphanumeric(first), isAlphanumeric(last) else {
      throw Refusal(description: "A name begins and ends with a letter or a digit.")
    }
  }

  private static let dash = UInt8(ascii: "-")
  private static let space = UInt8(ascii: " ")

  private static func topicByte(_ byte: UInt8) -> UInt8 {
    switch byte {
    case space: dash
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
    default: byte
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}

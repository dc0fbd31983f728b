/// A Swift value that is written to and read from PostgreSQL in its text format.
public protocol PostgresValue: Sendable {
  /// The value in text format; nil is NULL.
  var postgresText: String? { get }

  /// Reads the text format; nil when it is not of this type.
  /// - Parameter text: nil is NULL.
  static func fromPostgres(_ text: String?) -> Self?
}

extension PostgresValue where Self: LosslessStringConvertible {
  public var postgresText: String? { description }

  public static func fromPostgres(_ text: String?) -> Self? { text.flatMap { Self($0) } }
}

extension Int: PostgresValue {}
extension Int64: PostgresValue {}
extension Int32: PostgresValue {}
extension Int16: PostgresValue {}
extension Double: PostgresValue {}
/// Texts, UUIDs, and whatever else should be read as the server writes it. A zero byte is refused when sent.
extension String: PostgresValue {}

extension Bool: PostgresValue {
  public var postgresText: String? { self ? "t" : "f" }

  public static func fromPostgres(_ text: String?) -> Bool? {
    switch text {
    case "t", "true": true
    case "f", "false": false
    default: nil
    }
  }
}

extension Optional: PostgresValue where Wrapped: PostgresValue {
  public var postgresText: String? { flatMap(\.postgresText) }

  public static func fromPostgres(_ text: String?) -> Self? {
    guard let text else { return .some(.none) }
    return Wrapped.fromPostgres(text).map { .some($0) }
  }
}

/// JSON as its text, for `json` and `jsonb`; whether it is well formed the server decides.
public struct PostgresJSON: PostgresValue, Hashable {
  /// The JSON.
  public let text: String

  /// Takes the text as it is.
  public init(_ text: String) { self.text = text }

  public var postgresText: String? { text }

  public static func fromPostgres(_ text: String?) -> PostgresJSON? { text.map { PostgresJSON($0) } }
}

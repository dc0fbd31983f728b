import CLibpq

/// Where the database is and how long to wait for it.
public struct PostgresConfiguration: Sendable, CustomStringConvertible {
  /// A connection URL or a keyword string, as libpq reads it; may hold a password.
  public var url: String
  /// For one connection, from name to ready. Resolving a name is up to the resolver and not counted.
  public var connectTimeout: Duration = .seconds(5)
  /// For one statement; the server ends it, and the connection is given up when the server does not answer.
  public var statementTimeout: Duration = .seconds(30)
  /// How the server names the sessions of this process.
  public var applicationName = "barito"

  /// The database of `url`, with the default timeouts.
  public init(url: String) { self.url = url }

  /// Without the URL, which may hold a password.
  public var description: String {
    "PostgresConfiguration(connectTimeout: \(connectTimeout), statementTimeout: \(statementTimeout))"
  }

  /// The parts of `url` that are set, by libpq's keywords.
  /// - Throws: `invalidRequest` when it is malformed.
  public func parameters() throws(PostgresError) -> [String: String] {
    guard let options = PQconninfoParse(url, nil) else {
      throw PostgresError(
        .invalidRequest,
        "the database URL is malformed: write postgresql://user:password@host:port/database")
    }
    defer { PQconninfoFree(options) }
    var parameters: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return parameters
  }

  /// The same server and user with another database, as a URL.
  /// - Throws: `invalidRequest` when `url` is malformed.
  public func url(database: String) throws(PostgresError) -> String {
    var parameters = try parameters()
    parameters["dbname"] = nil
    let query = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.percentEncoded($0.value))" }
    return "postgresql:///\(Self.percentEncoded(database))?\(query.joined(separator: "&"))"
  }

  private static func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      let character = Character(Unicode.Scalar(byte))
      if character.isASCII && (character.isLetter || character.isNumber) {
        encoded.append(character)
      } else {
        encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
      }
    }
    return encoded
  }
}

/// A statement and its values, made only by writing it down.
///
/// What stands in the literal is SQL, what is interpolated is a value that travels apart from it:
/// `"SELECT name FROM apps WHERE id = \(id)"`. Injection is not possible by mistake. The server infers the type of a
/// value from its place; where it cannot, add a cast: `\(day)::date`.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
  /// The text between the values: always one piece more than there are values.
  private var pieces: [String]
  /// The values in text format; nil is NULL.
  private(set) var values: [String?]

  /// A statement without values.
  public init(stringLiteral value: String) {
    pieces = [value]
    values = []
  }

  /// A statement as it was written.
  public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }

  /// The statement as the server sees it, with `$1`, `$2`... for the values.
  public var text: String {
    var text = pieces[0]
    for (index, piece) in pieces.dropFirst().enumerated() { text += "$\(index + 1)\(piece)" }
    return text
  }

  /// One statement after another; separators are the caller's.
  public static func + (left: SQL, right: SQL) -> SQL {
    var sql = left
    sql += right
    return sql
  }

  /// Appends another statement; separators are the caller's.
  public static func += (left: inout SQL, right: SQL) {
    left.pieces[left.pieces.count - 1] += right.pieces[0]
    left.pieces += right.pieces.dropFirst()
    left.values += right.values
  }

  private mutating func append(text: String) { pieces[pieces.count - 1] += text }

  private mutating func append(value: String?) {
    pieces.append("")
    values.append(value)
  }
}

extension SQL {
  /// Collects literals as text and everything interpolated as values.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var sql: SQL = ""

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) { sql.append(text: literal) }

    /// A value, never SQL. An array is one value: `id = ANY(\(ids))`.
    public mutating func appendInterpolation(_ value: some PostgresValue) { sql.append(value: value.postgresText) }

    /// A value or NULL, never SQL.
    public mutating func appendInterpolation<Value: PostgresValue>(_ value: Value?) {
      sql.append(value: value?.postgresText)
    }

    /// A part of a statement with its own values.
    public mutating func appendInterpolation(_ part: SQL) { sql += part }

    /// A name of a table, column, channel or database, quoted whatever it holds.
    public mutating func appendInterpolation(identifier name: String) {
      sql.append(
        text: "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"")
    }

    /// Text that becomes SQL unchecked: only for what this program itself spells, never for anything it was given.
    public mutating func appendInterpolation(raw text: String) { sql.append(text: text) }
  }
}

extension Sequence where Element == SQL {
  /// The parts as one, with `separator` between them.
  public func joined(separator: SQL) -> SQL {
    var all: SQL = ""
    for (index, part) in enumerated() { all += index == 0 ? part : separator + part }
    return all
  }
}

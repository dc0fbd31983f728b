internal import BaritoCore
internal import Postgres

/// One transaction: what all stores of a change share.
struct Transaction: Sendable {
  private let connection: PostgresConnection

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// - Returns: how many rows were inserted, updated or deleted.
  @discardableResult
  func execute(_ sql: SQL) async throws -> Int { try await connection.execute(sql) }

  /// All rows of a query.
  func all<Value>(_ sql: SQL, _ read: (PostgresRow) throws -> Value) async throws -> [Value] {
    try await connection.query(sql).map(read)
  }

  /// The first row of a query; nil when there is none.
  func first<Value>(_ sql: SQL, _ read: (PostgresRow) throws -> Value) async throws -> Value? {
    try await connection.query(sql).first.map(read)
  }

  /// The row of a query that always has one.
  func one<Value>(_ sql: SQL, _ read: (PostgresRow) throws -> Value) async throws -> Value {
    guard let row = try await connection.query(sql).first else {
      throw MarketError(.internal, "a query that always has a row had none")
    }
    return try read(row)
  }
}

extension PostgresRow {
  /// A moment in milliseconds since 1970.
  func time(_ column: String) throws -> Int64 { try self[column, as: PostgresTimestamp.self].milliseconds }

  func optionalTime(_ column: String) throws -> Int64? {
    try self[column, as: PostgresTimestamp?.self]?.milliseconds
  }

  /// A word of a closed set.
  func word<Word: RawRepresentable>(_ column: String, as type: Word.Type = Word.self) throws -> Word
  where Word.RawValue == String {
    let text = try self[column, as: String.self]
    guard let word = Word(rawValue: text) else {
      throw MarketError(.internal, "the column \(column) holds a word that this version does not know: \(text)")
    }
    return word
  }

  /// Redaction rules; nil where there are none.
  func redaction() throws -> [RedactionRule]? {
    try self["redaction", as: String?.self].map { try JSONText.decode([RedactionRule].self, from: $0) }
  }

  func limits() throws -> IngestLimits {
    IngestLimits(linesPerSecond: try self["lines_per_second"], bytesPerSecond: try self["bytes_per_second"])
  }
}

import CLibpq

/// The rows that a statement returned, in order.
public struct PostgresResult: Sendable, RandomAccessCollection {
  private let table: ResultTable
  /// How many rows the statement inserted, updated, deleted or returned.
  public let affectedRows: Int

  init(_ table: ResultTable) {
    self.table = table
    affectedRows = Int(String(cString: PQcmdTuples(table.raw))) ?? 0
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { table.rowCount }
  public subscript(position: Int) -> PostgresRow {
    precondition(indices.contains(position), "row \(position) of \(count)")
    return PostgresRow(table: table, index: Int32(position))
  }
}

/// One row of a result; keeps the whole result alive.
public struct PostgresRow: Sendable {
  fileprivate let table: ResultTable
  fileprivate let index: Int32

  /// The value of a column.
  /// - Throws: `decoding` when there is no such column, when it is null and `Value` is not optional, or when it does
  ///   not hold a `Value`.
  public subscript<Value: PostgresValue>(_ column: String, as type: Value.Type = Value.self) -> Value {
    get throws(PostgresError) {
      guard let field = table.columns[column] else {
        throw PostgresError(.decoding, "the result has no column \"\(column)\": it has \(table.columnNames)")
      }
      let text = table.text(row: index, field: field)
      guard let value = Value.fromPostgres(text) else {
        let why = text == nil ? "is null" : "holds something else"
        throw PostgresError(.decoding, "cannot read column \"\(column)\" as \(Value.self): it \(why)")
      }
      return value
    }
  }
}

/// The box of a `PGresult`, which nothing changes after libpq returned it: reading it from any thread is allowed.
final class ResultTable: @unchecked Sendable {
  let raw: OpaquePointer
  let rowCount: Int
  /// The first column of each name.
  let columns: [String: Int32]

  init(_ raw: OpaquePointer) {
    self.raw = raw
    rowCount = Int(PQntuples(raw))
    var columns: [String: Int32] = [:]
    for field in 0..<PQnfields(raw) {
      let name = String(cString: PQfname(raw, field))
      if columns[name] == nil { columns[name] = field }
    }
    self.columns = columns
  }

  deinit { PQclear(raw) }

  var columnNames: String { columns.keys.sorted().joined(separator: ", ") }

  func text(row: Int32, field: Int32) -> String? {
    guard PQgetisnull(raw, row, field) == 0 else { return nil }
    let bytes = UnsafeRawBufferPointer(start: PQgetvalue(raw, row, field), count: Int(PQgetlength(raw, row, field)))
    return String(decoding: bytes, as: UTF8.self)
  }
}

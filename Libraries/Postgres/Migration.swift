/// One step of a schema: a numbered name such as `0007_tokens` and the statements of it.
public struct Migration: Sendable, Equatable {
  /// Unique; begins with a number that gives the order.
  public let name: String
  /// Statements separated by semicolons, run in one transaction.
  public let sql: String

  public init(name: String, sql: String) {
    self.name = name
    self.sql = sql
  }

  /// The digits that the name begins with; nil when there are none.
  var number: Int? { Int(name.prefix { $0.isASCII && $0.isNumber }) }
}

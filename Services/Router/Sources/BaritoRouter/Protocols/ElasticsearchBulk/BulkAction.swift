import BaritoCore

/// The line before a document: `{"create":{"_index":"…","_id":"…"}}`.
struct BulkAction: Sendable, Equatable {
  enum Kind: String, Sendable, CaseIterable {
    case index, create, update, delete

    /// Whether a line with a document follows.
    var hasSource: Bool { self != .delete }
    /// Whether it adds a document. Lines are never changed or taken back.
    var isTaken: Bool { self == .index || self == .create }
  }

  var kind: Kind
  /// nil where none was given.
  var index: String?
  /// nil where none was given.
  var id: String?

  /// Reads one line. Members of the action that are not known here, such as `routing` or `pipeline`, mean nothing.
  init(_ line: Span<UInt8>) throws(JSONError) {
    var scanner = JSONScanner(maximumDepth: BulkAction.maximumDepth)
    try scanner.openObject(in: line)
    guard let key = try scanner.nextKey(in: line) else {
      throw JSONError(.unexpectedByte, at: scanner.position - 1, "\(BulkAction.expectedKinds), found '}'")
    }
    guard let kind = Kind.allCases.first(where: { key.equals($0.rawValue, in: line) }) else {
      throw JSONError(
        .unexpectedByte, at: key.range.lowerBound,
        "\(BulkAction.expectedKinds), found [\(key.decoded(in: line).prefix(40))]"
      )
    }
    self.kind = kind
    try scanner.openObject(in: line)
    while let key = try scanner.nextKey(in: line) {
      let value = try scanner.value(in: line)
      if key.equals("_index", in: line) {
        index = try BulkAction.text(value, of: "_index", in: line)
      } else if key.equals("_id", in: line) {
        id = try BulkAction.text(value, of: "_id", in: line)
      }
    }
    guard try scanner.nextKey(in: line) == nil else {
      throw JSONError(.unexpectedByte, at: scanner.position, "expected one action in the line, found a second member")
    }
    try scanner.end(in: line)
  }

  /// No action of any client nests deeper.
  private static let maximumDepth = 20

  private static let expectedKinds = "expected field [create], [delete], [index] or [update]"

  /// Elasticsearch takes numbers and truths for their text here.
  private static func text(_ value: JSONElement, of name: String, in line: Span<UInt8>) throws(JSONError) -> String? {
    switch value.kind {
    case .null: return nil
    case .string: return value.string(in: line)
    case .number, .boolean:
      var text: [UInt8] = []
      text.append(copying: line.extracting(value.range))
      return String(decoding: text, as: UTF8.self)
    case .array, .object:
      throw JSONError(
        .unexpectedByte, at: value.range.lowerBound, "expected a text for [\(name)], found an \(value.kind)")
    }
  }
}

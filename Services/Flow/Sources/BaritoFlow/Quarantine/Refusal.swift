/// A refusal taken apart: what kind it is, and of which field where the server names one.
///
/// Pure: reads what Elasticsearch 7 and 8 and OpenSearch write, which is English and differs between them. What it does
/// not understand is `other`, with the reason as it came.
struct Refusal: Sendable, Equatable {
  /// Of a reason, of a field's name: what is kept. The quarantine must be able to take every entry.
  static let longestReason = 2_000
  static let longestField = 256

  var kind: RefusalKind
  /// As the server calls it, such as `document_parsing_exception`; empty where Flow itself refuses.
  var serverType = ""
  /// In a sentence.
  var reason: String
  /// The dotted path.
  var field: String?
  /// The field's type in the index.
  var expectedType: String?
  /// What the line has there: `object`, `text`, `number`, `value` where only that is known.
  var actualType: String?

  /// One that Flow itself makes, because the line would harm the server or cannot be sent.
  init(_ kind: RefusalKind, _ reason: String, field: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.field = field.map { Refusal.shortened($0, to: Refusal.longestField) }
  }

  /// One of Elasticsearch's.
  init(serverType: String, reason: String) {
    let text = RefusalText(reason)
    self.serverType = Refusal.shortened(serverType, to: 128)
    self.reason = Refusal.shortened(reason, to: Refusal.longestReason)
    (kind, field, expectedType, actualType) = Refusal.read(text)
    field = field.map { Refusal.shortened($0, to: Refusal.longestField) }
    expectedType = expectedType.map { Refusal.shortened($0, to: 64) }
    actualType = actualType.map { Refusal.shortened($0, to: 64) }
  }

  private typealias Reading = (RefusalKind, field: String?, expected: String?, actual: String?)

  private static func read(_ text: RefusalText) -> Reading {
    if text.hasAny(malformed) { return (.notJSON, nil, nil, nil) }
    if let key = text.between("Duplicate field '", "'") { return (.repeatedKey, key, nil, nil) }
    if text.hasAny(["is a metadata field", "Cannot write to a field alias"]) {
      return (.reservedField, text.between("Field [", "]") ?? text.between("parse field [", "]"), nil, nil)
    }
    if text.hasAny(["immense term in field"]) {
      return (.valueTooLong, text.between("immense term in field=\"", "\""), nil, nil)
    }
    if text.hasAny(["Limit of total fields"]) { return (.tooManyFields, nil, nil, nil) }
    if text.hasAny(["Limit of mapping depth", "has exceeded the allowed limit of", "nesting depth"]) {
      return (.tooDeep, nil, nil, nil)
    }
    if let (field, expected, actual) = conflict(text) { return (.typeConflict, field, expected, actual) }
    if text.hasAny(["ield name cannot", "object field cannot contain only", "makes object resolution ambiguous"]) {
      return (.badFieldName, text.between("ambiguous: [", "]") ?? text.between("whitespace: [", "]"), nil, nil)
    }
    return (.other, nil, nil, nil)
  }

  /// The parser's own words for text that is no JSON, or not UTF-8. They stand behind the name of whichever field was
  /// being read, which is not at fault.
  private static let malformed = [
    "Illegal unquoted character", "Illegal character (", "Unexpected character (", "Unexpected end",
    "Unrecognized token",
    "Non-standard token", "Invalid UTF-8", "Unrecognized character escape", "found extra data after parsing",
    "Leading zeroes not allowed", "Invalid numeric value", "Unexpected close marker",
  ]

  private static func conflict(_ text: RefusalText) -> (String?, expected: String?, actual: String?)? {
    if let field = text.between("object mapping for [", "]"), text.hasAny(["found a concrete value"]) {
      return (field, "object", "value")
    }
    if let field = text.between("mapper [", "]") {
      if let expected = text.between("cannot be changed from type [", "]") {
        return (field, expected, text.between("to [", "]"))
      }
      if let expected = text.between("current_type [", "]") {
        return (field, expected, text.between("merged_type [", "]"))
      }
    }
    if let field = text.between("Existing mapping for [", "] must be of type object but found [") {
      return (field, text.between("but found [", "]"), "object")
    }
    if let field = text.between("merge a non object mapping [", "] with an object mapping") {
      return (field, "value", "object")
    }
    if let field = text.between("merge an object mapping [", "] with a non object mapping")
      ?? text.between("merge a non-nested mapping [", "]")
    {
      return (field, "object", "value")
    }
    guard let field = text.between("failed to parse field [", "] of type [") else { return nil }
    return (field, text.between("] of type [", "]"), actual(text))
  }

  /// What the line has where another type is expected, as far as the cause or the preview of the value tells.
  private static func actual(_ text: RefusalText) -> String {
    if text.hasAny(["START_OBJECT", "object as number", "value: '{"]) { return "object" }
    if text.hasAny(["START_ARRAY", "value: '["]) { return "array" }
    if text.hasAny(["out of range", "too large", "Numeric value"]) { return "number" }
    if text.hasAny([
      "[true] or [false] are allowed", "For input string", "failed to parse date field", "IP string literal",
    ]) {
      return "text"
    }
    return "value"
  }

  static func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: limit)
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return text[..<end] + "…"
  }
}

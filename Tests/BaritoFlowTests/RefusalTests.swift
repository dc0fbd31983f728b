import BaritoCore
import Testing

@testable import BaritoFlow

/// The reasons are those of real servers: Elasticsearch 7.17 and 8.19, OpenSearch 2.19; a cause stands behind a colon,
/// as `BulkResponse` reads it.
@Suite struct RefusalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var type: String
    var reason: String
    var kind: RefusalKind
    var field: String?
    var expected: String?
    var actual: String?

    init(
      _ type: String, _ reason: String, _ kind: RefusalKind, _ field: String? = nil, _ expected: String? = nil,
      _ actual: String? = nil
    ) {
      (self.type, self.reason, self.kind) = (type, reason, kind)
      (self.field, self.expected, self.actual) = (field, expected, actual)
    }

    var testDescription: String { reason }
  }

  static let parsing = "document_parsing_exception"
  static let mapper = "mapper_parsing_exception"
  static let argument = "illegal_argument_exception"

  static let conflicts: [Case] = [
    Case(
      parsing,
      "[1:12] failed to parse field [n] of type [long] in document with id 'x'. Preview of field's value: '{x=1}': Cannot parse object as number",
      .typeConflict, "n", "long", "object"),
    Case(
      parsing,
      "[1:21] failed to parse field [@timestamp] of type [date] in document with id 'ts'. Preview of field's value: '{a=1}': Expected text at 1:15 but found START_OBJECT",
      .typeConflict, "@timestamp", "date", "object"),
    Case(
      mapper,
      "failed to parse field [a.b] of type [long] in document with id '1'. Preview of field's value: 'abc': For input string: \"abc\"",
      .typeConflict, "a.b", "long", "text"),
    Case(
      mapper,
      "failed to parse field [d] of type [date] in document with id '2'. Preview of field's value: 'not a date': failed to parse date field [not a date] with format [strict_date_optional_time||epoch_millis]",
      .typeConflict, "d", "date", "text"),
    Case(
      mapper,
      "failed to parse field [b] of type [boolean] in document with id '3'. Preview of field's value: 'maybe': Failed to parse value [maybe] as only [true] or [false] are allowed.",
      .typeConflict, "b", "boolean", "text"),
    Case(
      parsing, "[1:6] object mapping for [o] tried to parse field [o] as object, but found a concrete value",
      .typeConflict, "o", "object", "value"),
    Case(
      mapper, "object mapping for [o.p] tried to parse field [p] as object, but found a concrete value", .typeConflict,
      "o.p", "object", "value"),
    Case(argument, "mapper [mx] cannot be changed from type [long] to [text]", .typeConflict, "mx", "long", "text"),
    Case(
      mapper,
      "Could not dynamically add mapping for field [n.x]. Existing mapping for [n] must be of type object but found [long].",
      .typeConflict, "n", "long", "object"),
    Case(
      argument, "can't merge a non object mapping [n] with an object mapping", .typeConflict, "n", "value", "object"),
  ]

  static let others: [Case] = [
    Case(argument, "Limit of total fields [2000] has been exceeded", .tooManyFields),
    Case(argument, "Limit of total fields [1000] has been exceeded while adding new fields [1]", .tooManyFields),
    Case(
      parsing, "[1:11] failed to parse: Limit of mapping depth [20] has been exceeded due to object field [a.a.a]",
      .tooDeep),
    Case(
      mapper,
      "failed to parse: The depth of the nested array field has exceeded the allowed limit of [20]. This limit can be set by changing the [index.mapping.depth.limit] index level setting.",
      .tooDeep),
    Case(
      parsing,
      "[1:1006] failed to parse: Document nesting depth (1001) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNestingDepth()`)",
      .tooDeep),
    Case(
      argument,
      "Document contains at least one immense term in field=\"it\" (whose UTF8 encoding is longer than the max length 32766), all of which were skipped.",
      .valueTooLong, "it"),
    Case(
      parsing,
      "[1:6] failed to parse: [1:11] Duplicate field 'k'\n at [Source: (byte[])\"{\"k\":1,\"k\":2}\"; line: 1]",
      .repeatedKey, "k"),
    Case(
      parsing,
      "[1:8] failed to parse field [_id] of type [_id] in document with id 'x'. Preview of field's value: 'x': [1:8] Field [_id] is a metadata field and cannot be added inside a document. Use the index API request parameters.",
      .reservedField, "_id"),
    Case(parsing, "[1:2] failed to parse: field name cannot be an empty string", .badFieldName),
    Case(
      parsing, "[1:2] failed to parse: field name cannot contain only whitespace: ['a..b']", .badFieldName, "'a..b'"),
    Case(parsing, "[1:2] Field name cannot contain only whitespace: [ ]", .badFieldName, " "),
    Case(
      mapper,
      "failed to parse: object field starting or ending with a [.] makes object resolution ambiguous: [.a]",
      .badFieldName, ".a"),
    Case(mapper, "failed to parse: field name cannot contain only the character [.]", .badFieldName),
    Case(
      parsing,
      "[1:6] failed to parse field [m] of type [text] in document with id 'c'. Preview of field's value: '': [1:8] Illegal unquoted character ((CTRL-CHAR, code 1)): has to be escaped using backslash to be included in string value",
      .notJSON),
    Case(
      mapper,
      "failed to parse: Invalid UTF-8 start byte 0xff\n at [Source: (ByteArrayInputStream); line: 1, column: 8]",
      .notJSON),
    Case(argument, "Malformed content, found extra data after parsing: START_OBJECT", .notJSON),
    Case(
      parsing,
      "[1:2] failed to parse: [1:11] Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
      .notJSON),
    Case("some_new_exception", "nobody knows", .other),
    Case("", "", .other),
  ]

  @Test("a refusal of Elasticsearch 7, 8 or OpenSearch names its kind, field and types", arguments: conflicts + others)
  func real(given: Case) {
    let refusal = Refusal(serverType: given.type, reason: given.reason)
    #expect(refusal.kind == given.kind)
    #expect(refusal.field == given.field)
    #expect(refusal.expectedType == given.expected)
    #expect(refusal.actualType == given.actual)
    #expect(refusal.reason == given.reason && refusal.serverType == given.type)
  }

  private func entry(_ reason: String, topic: String = "a_logs") -> QuarantineEntry {
    QuarantineEntry(
      refusal: Refusal(serverType: "t", reason: reason), topic: topic, app: "a", partition: 0, offset: 0, timestamp: 0,
      index: "", id: "", raw: [])
  }

  private func fingerprint(_ reason: String, topic: String = "a_logs") -> String {
    entry(reason, topic: topic).fingerprint
  }

  @Test("entries of the same cause have the same fingerprint, whatever the values and places in the line")
  func fingerprints() {
    func conflict(_ field: String, _ id: String, _ value: String) -> String {
      "[1:\(id.utf8.count)] failed to parse field [\(field)] of type [long] in document with id '\(id)'. Preview of field's value: '\(value)': For input string: \"\(value)\""
    }
    #expect(fingerprint(conflict("n", "a1", "x")) == fingerprint(conflict("n", "b22", "zz")))
    #expect(fingerprint(conflict("n", "a1", "x")) != fingerprint(conflict("m", "a1", "x")))
    #expect(fingerprint(conflict("n", "a1", "x")) != fingerprint(conflict("n", "a1", "x"), topic: "b_logs"))
    #expect(fingerprint("odd thing 17 of 'this'") == fingerprint("odd thing 3 of 'that'"))
    #expect(fingerprint("odd thing") != fingerprint("strange thing"))
    #expect(fingerprint("x").count == 12)
  }

  @Test("an entry stays small enough for the quarantine, whatever a server quotes")
  func bounded() {
    let field = String(repeating: "é", count: 40_000)
    let refusal = Refusal(
      serverType: field, reason: "failed to parse field [\(field)] of type [\(field)] in document with id '1'")
    #expect(refusal.reason.utf8.count < 2_100 && refusal.serverType.utf8.count < 140)
    #expect((refusal.field ?? "").utf8.count < 300 && (refusal.expectedType ?? "").utf8.count < 100)
    #expect(!refusal.reason.contains("\u{FFFD}"))
  }

  @Test(
    "an entry read back from the quarantine is the entry that was written, byte for byte",
    arguments: [
      Array("{\"a\":\"\\ud800 \u{0} é\u{2028}\"}".utf8), [0xFF, 0x00, 0x0A, 0x22], [],
      Array(#"{"a":"quotes \" and \\"}"#.utf8), [0xED, 0xA0, 0x80],
    ] as [[UInt8]])
  func roundTrip(raw: [UInt8]) throws {
    var entry = QuarantineEntry(
      refusal: Refusal(serverType: "t", reason: Self.conflicts[0].reason), topic: "x.shop_logs", app: "shop",
      partition: 3, offset: .max, timestamp: 1_700_000_000_123, index: "x.shop-2023.11.14", id: "a \"b\" \u{1}",
      headers: [.init(name: "barito-batch-id", value: "c:1")], raw: raw)
    entry.replays = 2
    let document = entry.document
    let source = try JSONScanner.validate(document.span)
    #expect(QuarantineEntry(source, in: document.span) == entry)
    #expect(QuarantineEntry.kind(of: document.span) == .typeConflict)
  }
}

import BaritoCore
import Testing

@testable import BaritoFlow

@Suite struct DiversionTests {
  private func item(_ type: String, _ reason: String) -> BulkResponse.Item {
    BulkResponse.Item(status: 400, errorType: type, reason: reason)
  }

  private func fields(_ properties: String) throws -> MappedFields {
    let all = all(#"{"i-2026.11.30":{"mappings":{"properties":\#(properties)}}}"#)
    return try #require(all?["i-2026.11.30"])
  }

  private func all(_ answer: String) -> [String: MappedFields]? { MappedFields.all(in: Array(answer.utf8).span) }
  private func leaves(_ text: String) -> JSONLeaves? { JSONLeaves(Array(text.utf8).span) }

  private func divert(_ document: String, named: String?, _ properties: String) throws -> String? {
    var refusal = try #require(MappingRefusal(item("mapper_parsing_exception", "failed to parse")))
    refusal.field = named
    let fields = try fields(properties)
    let bytes = Array(document.utf8)
    return Diversion.divert(bytes.span, after: [refusal], fields).map { String(decoding: $0, as: UTF8.self) }
  }

  static let side = #""barito_unmapped":{"type":"flattened"}"#

  // MARK: - What the server says

  @Test(
    "the field is read out of the reasons of every server",
    arguments: [
      ("[1:6] object mapping for [o] tried to parse field [null] as object, but found a concrete value", "o"),
      ("[1:17] failed to parse field [o.a] of type [long] in document with id 'x'. Preview: '{b=2}': no", "o.a"),
      ("failed to parse: Limit of mapping depth [5] has been exceeded due to object field [d1.d2]", "d1.d2"),
      ("can't merge a non object mapping [new] with an object mapping", "new"),
      ("can't merge an object mapping [new] with a non object mapping", "new"),
      ("Could not dynamically add mapping for field [n.x]. Existing mapping for [n] must be of type object", "n.x"),
      ("mapper [n] cannot be changed from type [long] to [text]", "n"),
      (#"Document contains at least one immense term in field="s.keyword" (whose UTF8 …"#, "s.keyword"),
      ("failed to parse: Limit of total fields [26] has been exceeded while adding new fields [16]", nil),
      ("Limit of total fields [26] has been exceeded", nil),
      ("failed to parse: field name cannot be an empty string", nil),
      (
        "failed to parse field [n] of type [long] in document with id 'x'. Preview of field's value: 'object mapping for [evil]'",
        "n"
      ),
    ] as [(String, String?)])
  func reasons(reason: String, field: String?) throws {
    #expect(try #require(MappingRefusal(item("document_parsing_exception", reason))).field == field)
  }

  @Test("what is not the mapping's fault is left to others")
  func otherFaults() {
    #expect(MappingRefusal(item("validation_exception", "too many shards")) == nil)
    #expect(MappingRefusal(BulkResponse.Item(status: 429, errorType: "mapper_parsing_exception")) == nil)
    #expect(MappingRefusal(BulkResponse.Item(status: 413, errorType: "illegal_argument_exception")) == nil)
  }

  @Test("fields are counted as the server counts them: objects and sub-fields too")
  func counted() throws {
    let fields = try fields(
      #"{"a":{"type":"long"},"s":{"type":"text","fields":{"keyword":{"type":"keyword"}}},"o":{"properties":{"x":{"type":"long"},"y":{"type":"geo_point"}}},"n":{"type":"nested","properties":{"z":{"type":"date"}}}}"#
    )
    #expect(fields.count == 8)
    #expect(fields.kinds["o"] == .object && fields.kinds["n"] == .object && fields.kinds["o.x"] == .concrete)
    #expect(fields.kinds["o.y"] == .other && !fields.sideFieldTakesObject)
    #expect(all("{}") == [:])
    #expect(all(#"{"error":"#) == nil)
  }

  // MARK: - What is moved

  @Test("a conflicting field is moved, and the rest is byte-equal and in its order")
  func conflict() throws {
    #expect(
      try divert(
        #"{"z" : 1e2,"o":"text","é":"a\u0000\"b","a":[1, 2]}"#, named: "o",
        #"{"o":{"properties":{"a":{"type":"long"}}},\#(Self.side)}"#)
        == #"{"z" : 1e2,"é":"a\u0000\"b","a":[1, 2],"barito_unmapped":{"o":"text"}}"#)
    #expect(
      try divert(#"{"n":{"x":1}}"#, named: "n", #"{"n":{"type":"long"},\#(Self.side)}"#)
        == #"{"barito_unmapped":{"n":{"x":1}}}"#)
  }

  @Test("inside of an object only the conflicting member goes, under its path")
  func nested() throws {
    let mapping = #"{"o":{"properties":{"a":{"type":"long"},"p":{"properties":{"b":{"type":"text"}}}}},\#(Self.side)}"#
    #expect(
      try divert(#"{"o":{"a":{"b":2},"c":3,"p":{"b":"t"}},"m":1}"#, named: "o.a", mapping)
        == #"{"o":{"c":3,"p":{"b":"t"}},"m":1,"barito_unmapped":{"o.a":{"b":2}}}"#)
    #expect(
      try divert(#"{"o":{"p":{"b":{"k\u00e9y":1}}}}"#, named: "o.p.b", mapping)
        == #"{"o":{"p":{}},"barito_unmapped":{"o.p.b":{"k\u00e9y":1}}}"#)
  }

  @Test("all that conflicts goes at once, though the server names only the first")
  func several() throws {
    let mapping =
      #"{"n":{"type":"long"},"s":{"type":"text"},"o":{"properties":{"a":{"type":"long"}}},"g":{"type":"geo_point"},\#(Self.side)}"#
    #expect(
      try divert(
        #"{"n":{"x":1},"s":[1,[{"y":2}]],"o":[{"a":1},3],"g":{"lat":1,"lon":2},"new":1,"n.k":2,"ok":[1,2]}"#,
        named: "n",
        mapping)
        == #"{"g":{"lat":1,"lon":2},"new":1,"ok":[1,2],"barito_unmapped":{"n":{"x":1},"s":[1,[{"y":2}]],"o":[{"a":1},3],"n.k":2}}"#
    )
  }

  @Test("where no field is named, those go that the index does not have")
  func unknown() throws {
    let mapping =
      #"{"message":{"type":"text"},"o":{"properties":{"a":{"type":"long"}}},"@timestamp":{"type":"date"},\#(Self.side)}"#
    #expect(
      try divert(#"{"message":"m","new":1,"o":{"a":1,"b":{"c":2}},"":3,"@timestamp":4}"#, named: nil, mapping)
        == #"{"message":"m","o":{"a":1},"@timestamp":4,"barito_unmapped":{"new":1,"o.b":{"c":2},"":3}}"#)
    // A name that leads nowhere explains nothing.
    #expect(
      try divert(#"{"message":"m","new":1}"#, named: "elsewhere", mapping)
        == #"{"message":"m","barito_unmapped":{"new":1}}"#)
    #expect(try divert(#"{"message":"m"}"#, named: "elsewhere", mapping) == nil)
  }

  @Test("a value too long for a sub-field, an array on the way and a member of metadata go whole")
  func whole() throws {
    let mapping = #"{"s":{"type":"text"},"o":{"properties":{"a":{"type":"long"}}},\#(Self.side)}"#
    #expect(
      try divert(#"{"s":"long","m":1}"#, named: "s.keyword", mapping) == #"{"m":1,"barito_unmapped":{"s":"long"}}"#)
    #expect(
      try divert(#"{"o":[{"a":1},{"a":{}}],"m":1}"#, named: "o.a", mapping)
        == #"{"m":1,"barito_unmapped":{"o":[{"a":1},{"a":{}}]}}"#)
    // Too deep for a mapping: it goes from where it begins to be new.
    #expect(
      try divert(#"{"o":{"a":1,"d":{"d":{"d":{}}}},"m":1}"#, named: "o.d.d.d", mapping)
        == #"{"o":{"a":1},"m":1,"barito_unmapped":{"o.d":{"d":{"d":{}}}}}"#)
    #expect(try divert(#"{"_id":"x","m":1}"#, named: "_id", mapping) == #"{"m":1,"barito_unmapped":{"_id":"x"}}"#)
  }

  @Test("repeated keys survive, and a member called as the side field goes into it")
  func repeated() throws {
    #expect(
      try divert(#"{"a":1,"n":1,"a":2,"n":{}}"#, named: "n", Self.braced)
        == #"{"a":1,"a":2,"barito_unmapped":{"n":1,"n":{}}}"#)
    #expect(
      try divert(#"{"barito_unmapped":"mine","n":{}}"#, named: "n", Self.braced)
        == #"{"barito_unmapped":{"barito_unmapped":"mine","n":{}}}"#)
  }

  private static let braced = "{\(side)}"

  @Test("where the side field takes no object, it holds the text of one")
  func text() throws {
    for mapping in [#"{"barito_unmapped":{"type":"text"}}"#, "{}"] {
      #expect(
        try divert(#"{"n":{"a":"q\"q"},"m":1}"#, named: "n", mapping)
          == #"{"m":1,"barito_unmapped":"{\"n\":{\"a\":\"q\\\"q\"}}"}"#)
    }
  }

  @Test("what is no JSON object is not touched", arguments: [#"{"broken":}"#, "[1]", #"{"a":1} {"b":2}"#, ""])
  func noObject(document: String) throws { #expect(try divert(document, named: nil, "{}") == nil) }

  @Test("whatever is moved, nothing is lost, added or changed, and what stays fits the mapping", arguments: 0..<300)
  func conservation(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    var names: [String] = []
    let document = Self.object(depth: 0, prefix: "", &names, &random)
    // A mapping that knows some of the names, rightly or not.
    var properties: [String] = [Self.side]
    for name in Set(names).sorted() where !name.contains(".") && Bool.random(using: &random) {
      properties.append(
        Bool.random(using: &random)
          ? #""\#(name)":{"type":"keyword"}"#
          : #""\#(name)":{"properties":{"a":{"type":"long"},"b":{"properties":{"c":{"type":"long"}}}}}"#)
    }
    let mapping = "{\(properties.joined(separator: ","))}"
    let named = Int.random(in: 0..<3, using: &random) == 0 ? nil : names.randomElement(using: &random)
    guard let diverted = try divert(document, named: named, mapping) else { return }
    let before = try #require(leaves(document))
    let after = try #require(leaves(diverted))
    let moved = after.below(SideField.name)
    let kept = after.without([SideField.name])
    #expect(moved.values.merging(kept.values) { _, _ in "twice" } == before.values, "\(document) became \(diverted)")
    let fields = try fields(mapping)
    for path in kept.values.keys {
      let parts = path.split(separator: ".", omittingEmptySubsequences: false)
      for count in 1..<max(1, parts.count) {
        let parent = parts.prefix(count).joined(separator: ".")
        let isArray = Int(parts[count]) != nil
        #expect(fields.kinds[parent] != .concrete || isArray, "\(parent) in \(diverted)")
      }
      #expect(fields.kinds[path] != .object || before[path] == "null", "\(path) in \(diverted)")
    }
  }

  /// An object with keys that are unique by their path.
  private static func object(
    depth: Int, prefix: String, _ names: inout [String], _ random: inout Seeded
  ) -> String {
    var members: [String] = []
    for key in ["a", "b", "c", "d.e", "f"].shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random)) {
      let path = prefix + key
      names.append(path)
      let value =
        switch Int.random(in: 0..<7, using: &random) {
        case 0, 1: depth < 3 ? object(depth: depth + 1, prefix: path + ".", &names, &random) : "7"
        case 2: "\"t\\u00e9\""
        case 3: "[1,\"x\"]"
        case 4: "null"
        case 5: "[1,[2]]"
        default: " 1.50 "
        }
      members.append("\"\(key)\":\(value)")
    }
    return "{\(members.joined(separator: ","))}"
  }
}

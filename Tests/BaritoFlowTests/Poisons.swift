/// Records that have been fatal to some pipeline somewhere. Each must end indexed or in the quarantine with a reason.
struct Poison: Sendable {
  var name: String
  var value: [UInt8]
  var headers: [(String, String)] = []

  init(_ name: String, _ value: [UInt8], headers: [(String, String)] = []) {
    self.name = name
    self.value = value
    self.headers = headers
  }

  init(_ name: String, _ value: String, headers: [(String, String)] = []) {
    self.init(name, Array(value.utf8), headers: headers)
  }

  /// A document with bytes that no text can say in the value of `m`.
  private static func around(_ bytes: [UInt8]) -> [UInt8] { Array(#"{"m":""#.utf8) + bytes + Array(#""}"#.utf8) }
  private static func key(_ bytes: [UInt8]) -> [UInt8] { Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8) }

  static let small: [Poison] = [
    // The types that others are in conflict with.
    Poison("types", #"{"n":1,"o":{"a":1},"d":"2023-01-01","s":"x","b":true}"#),
    Poison("invalid UTF-8", around([0xFF, 0xFE])), Poison("invalid UTF-8 in a key", key([0xFF])),
    Poison("a cut character", around([0xE2, 0x82])), Poison("an overlong NUL in a key", key([0xC0, 0x80])),
    Poison("beyond Unicode in a key", key([0xF4, 0x90, 0x80, 0x80])),
    Poison("beyond Unicode in another key", key([0xF4, 0x90, 0x80, 0x81])),
    Poison("surrogate bytes in a key", key([0xED, 0xA0, 0x80])),
    Poison("surrogate bytes in another key", key([0xED, 0xB0, 0x80])),
    Poison("NUL in a text", around([0])), Poison("NUL between", Array(#"{"m":1"#.utf8) + [0] + Array("}".utf8)),
    Poison("an escaped NUL", #"{"m":"a\u0000b"}"#), Poison("an escaped NUL in a key", #"{"a\u0000b":1}"#),
    Poison("control characters in a text", around([0x01, 0x1F, 0x09])),
    Poison("DEL and C1", "{\"m\":\"\u{7F}\u{85}\u{2028}\"}"),
    Poison("1e400", #"{"big":1e400}"#), Poison("-1e400 in a long", #"{"n":-1e400}"#),
    Poison("an integer of thirty digits", #"{"huge":123456789012345678901234567890}"#),
    Poison("the same in a long", #"{"n":123456789012345678901234567890}"#), Poison("NaN", #"{"nan":NaN}"#),
    Poison("repeated keys", #"{"k":1,"k":2}"#), Poison("repeated keys inside", #"{"kk":{"a":1,"a":2}}"#),
    Poison("a lone surrogate", #"{"m":"\ud800"}"#), Poison("another lone surrogate", #"{"m":"\udc00"}"#),
    Poison("a lone surrogate as key", #"{"\ud800":1}"#), Poison("another lone surrogate as key", #"{"\udc00":1}"#),
    Poison("the replacement character as key", "{\"\u{FFFD}\":1}"),
    Poison("an empty key", #"{"":1}"#), Poison("the key .", #"{".":1}"#), Poison("the key ..", #"{"..":1}"#),
    Poison("the key a..b", #"{"a..b":1}"#), Poison("the key a.", #"{"a.":1}"#), Poison("the key .a", #"{".a":1}"#),
    Poison("the key of one space", #"{" ":1}"#), Poison("the key x. .y", #"{"x. .y":1}"#),
    Poison("a key where an object is", #"{"o.a.b":1}"#),
    Poison("nonsense as time", #"{"@timestamp":"nonsense"}"#),
    Poison("a far future", #"{"@timestamp":"10000-01-01T00:00:00Z"}"#),
    Poison("a farther future", #"{"@timestamp":"+999999999-01-01T00:00:00Z"}"#),
    Poison("an object as time", #"{"@timestamp":{"a":1}}"#), Poison("an array as time", #"{"@timestamp":["x",1]}"#),
    Poison("a number as time", #"{"@timestamp":99999999999999999999}"#), Poison("no time", #"{"@timestamp":null}"#),
    Poison("a value of spaces", #"{"sp":"      "}"#),
    Poison("a key of 40,000 bytes", key(Array(repeating: 0x6B, count: 40_000))),
    Poison("a word of 40,000 bytes", #"{"word":"\#(String(repeating: "y", count: 40_000))"}"#),
    Poison("an object where a number is", #"{"n":{"x":1}}"#), Poison("a text where an object is", #"{"o":"text"}"#),
    Poison("a text where truth is", #"{"b":"maybe"}"#), Poison("an object where a text is", #"{"s":{"a":1}}"#),
    Poison("a mixed array", #"{"mx":[1,"a",{"b":1},null,[2]]}"#),
    Poison("the server's own key", #"{"_id":"x"}"#), Poison("another of its own", #"{"_source":{"a":1}}"#),
    Poison("broken JSON", #"{"broken":}"#), Poison("a cut line", #"{"m":"abc}"#),
    Poison("two objects", #"{"m":1}{"m":2}"#),
    Poison("an action of bulk", "{\"m\":1}\n{\"delete\":{\"_index\":\"x\",\"_id\":\"1\"}}"),
    Poison("a comment", #"{/* c */"m":1}"#), Poison("a byte order mark", [0xEF, 0xBB, 0xBF] + Array(#"{"m":1}"#.utf8)),
    Poison("nothing", ""), Poison("blanks", "   "), Poison("text", "plain text"), Poison("an array", "[1,2]"),
    Poison("an id of 512 bytes", #"{"m":"id"}"#, headers: [("barito-document-id", String(repeating: "é", count: 256))]),
    Poison("an id of 513 bytes", #"{"m":"id"}"#, headers: [("barito-document-id", String(repeating: "i", count: 513))]),
    Poison("an odd id", #"{"m":"id"}"#, headers: [("barito-document-id", "a\"\\\n\u{0}/../é")]),
  ]

  /// Big enough to trouble a server; each made when it is needed.
  static var large: [Poison] {
    let fields = (0..<100_000).map { "\"f\($0)\":\($0)" }.joined(separator: ",")
    func nested(_ depth: Int) -> String {
      #"{"deep":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    return [
      Poison("10,000 levels of arrays", nested(10_000)),
      Poison(
        "10,000 levels of objects",
        String(repeating: #"{"a":"#, count: 10_000) + "1" + String(repeating: "}", count: 10_000)),
      Poison("10,000 levels without an end", #"{"deep":"# + String(repeating: "[", count: 10_000) + "}"),
      Poison("400 levels of arrays", nested(400)), Poison("100,000 fields", "{\(fields)}"),
      Poison("5,000 fields", "{" + (0..<5_000).map { "\"g\($0)\":\($0)" }.joined(separator: ",") + "}"),
      Poison("100,000 fields inside", #"{"z":{\#(fields)}}"#),
      Poison(
        "a line of 30 MB", Array(#"{"long":""#.utf8) + Array(repeating: 0x78, count: 30 << 20) + Array(#""}"#.utf8)),
      Poison(
        "4 MB that are no JSON", Array(#"{"long":""#.utf8) + Array(repeating: 0x22, count: 4 << 20) + Array("}".utf8)),
    ]
  }
}

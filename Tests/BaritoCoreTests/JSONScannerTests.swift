import BaritoCore
import Testing

@Suite struct JSONScannerTests {
  private func error(_ text: String, maximumDepth: Int = 100) -> JSONError? {
    do {
      _ = try JSONScanner.validate(text.utf8Span.span, maximumDepth: maximumDepth)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "a value is told by kind and place, without the white space around it",
    arguments: [
      (" {\"a\": [1, {}]}\n", JSONKind.object), ("[]", .array), ("\"x\"", .string), (" -0.5e+10 ", .number),
      ("true", .boolean), ("false", .boolean), ("null", .null),
    ])
  func kinds(_ text: String, _ kind: JSONKind) throws {
    let element = try JSONScanner.validate(text.utf8Span.span)
    #expect(element.kind == kind)
    let bytes = Array(text.utf8)[element.range]
    #expect(bytes.first! > 0x20 && bytes.last! > 0x20)
  }

  @Test(
    "an error has its bounded code, the offset of the byte at fault and what was expected",
    arguments: [
      ("", JSONError.Code.empty, 0, "expected a value, found nothing"),
      (" \n", .empty, 2, "expected a value, found nothing"),
      ("{\"a\":1", .unexpectedEnd, 6, "expected ',' or '}', found the end"),
      ("{\"a\":1]", .unexpectedByte, 6, "expected ',' or '}', found ']'"),
      ("[1 2]", .unexpectedByte, 3, "expected ',' or ']', found '2'"),
      ("[1,]", .unexpectedByte, 3, "expected a value, found ']'"),
      ("{\"a\":1,}", .unexpectedByte, 7, "expected a key, found '}'"),
      ("{a:1}", .unexpectedByte, 1, "expected a key or '}', found 'a'"),
      ("{\"a\" 1}", .unexpectedByte, 5, "expected ':' after a key, found '1'"),
      ("[", .unexpectedEnd, 1, "expected a value, found the end"),
      ("\"abc", .unexpectedEnd, 4, "expected '\"' to end the string"),
      ("\"a\tb\"", .controlCharacter, 2, "expected control characters to be escaped, found byte 0x09"),
      ("\"\\x\"", .badEscape, 2, "expected one of \"\\/bfnrtu after a backslash, found 'x'"),
      ("\"\\u12g4\"", .badEscape, 5, "expected four hexadecimal digits after '\\u', found 'g'"),
      ("01", .badNumber, 1, "a number must not start with 0 and another digit"),
      ("[1.]", .badNumber, 3, "expected a digit after the decimal point, found ']'"),
      ("1e", .unexpectedEnd, 2, "expected a digit of the exponent, found the end"),
      ("-x", .badNumber, 1, "expected a digit, found 'x'"),
      ("nulL", .unexpectedByte, 3, "expected 'null', found 'L'"),
      ("{} x", .trailingBytes, 3, "expected the end after the value, found 'x'"),
      (
        "\u{FEFF}{}", .byteOrderMark, 0,
        "the text starts with a byte order mark or is not UTF-8; send UTF-8 without a mark"
      ),
    ])
  func errors(_ text: String, _ code: JSONError.Code, _ offset: Int, _ reason: String) {
    #expect(error(text) == JSONError(code, at: offset, reason))
  }

  @Test("values nest as deep as allowed and no deeper", arguments: [1, 63, 64, 65, 128, 129, 1000])
  func depth(_ limit: Int) throws {
    func nested(_ depth: Int) -> String {
      // Arrays and objects in turn, so that a mixed up level would be noticed.
      let levels = (0..<depth).map { $0 % 3 == 0 }
      return levels.map { $0 ? "[" : "{\"k\":" }.joined() + "7" + levels.reversed().map { $0 ? "]" : "}" }.joined()
    }
    #expect(error(nested(limit), maximumDepth: limit) == nil)
    #expect(error(nested(limit + 1), maximumDepth: limit)?.code == .tooDeep)
  }

  @Test("a bracket of the wrong kind is refused at every depth", arguments: [1, 2, 64, 65, 66, 130])
  func wrongBracket(_ depth: Int) {
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth - 1) + "}"
    #expect(error(text, maximumDepth: 1000)?.offset == 2 * depth - 1)
  }

  @Test("the stepping calls count depth together with the values inside")
  func depthWhileStepping() throws {
    let bytes = Array("{\"a\":[[1]]}".utf8)
    var scanner = JSONScanner(maximumDepth: 2)
    try scanner.openObject(in: bytes.span)
    let key = try scanner.nextKey(in: bytes.span)
    #expect(key?.range == 2..<3)
    #expect(throws: JSONError.self) { _ = try scanner.value(in: bytes.span) }
  }

  @Test("members are walked with keys, kinds and ranges")
  func members() throws {
    let text = #"{ "a" : 1, "b\n":"x" , "c":{"a":[1,2]},"a":null }"#
    let bytes = Array(text.utf8)
    var found: [String] = []
    var members = JSONMembers(of: 0..<bytes.count)
    while let member = try members.next(in: bytes.span) {
      let value = String(decoding: bytes[member.value.range], as: UTF8.self)
      found.append("\(member.key.decoded(in: bytes.span))=\(value):\(member.value.kind):\(member.key.hasEscapes)")
    }
    #expect(
      found == ["a=1:number:false", "b\n=\"x\":string:true", "c={\"a\":[1,2]}:object:false", "a=null:null:false"])
    let after = try members.next(in: bytes.span)
    #expect(after == nil)
  }

  @Test("elements are walked, and an empty array has none")
  func elements() throws {
    let bytes = Array(#"[1, "two",[ 3 ],{}]  []"#.utf8)
    var found: [String] = []
    var elements = JSONElements(of: 0..<19)
    while let element = try elements.next(in: bytes.span) {
      found.append(String(decoding: bytes[element.range], as: UTF8.self))
    }
    #expect(found == ["1", "\"two\"", "[ 3 ]", "{}"])
    var none = JSONElements(of: 21..<23)
    let first = try none.next(in: bytes.span)
    #expect(first == nil)
  }

  @Test(
    "a walk refuses what the whole check refuses",
    arguments: ["{\"a\":1,}", "{,\"a\":1}", "{\"a\":1 \"b\":2}", "{\"a\"", "["])
  func brokenWalk(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(throws: JSONError.self) {
      var members = JSONMembers(of: 0..<bytes.count)
      while try members.next(in: bytes.span) != nil {}
    }
  }

  @Test("a member is found by its key, escaped or not; the first one counts")
  func find() throws {
    let text = #"{"items":[1],"\u0040timestamp":"t","items":2,"Items":3}"#
    let bytes = Array(text.utf8)
    func value(_ name: String) throws -> String? {
      try JSONMembers.value(of: name, inObjectAt: 0..<bytes.count, of: bytes.span)
        .map { String(decoding: bytes[$0.range], as: UTF8.self) }
    }
    #expect(try value("items") == "[1]")
    #expect(try value("@timestamp") == "\"t\"")
    #expect(try value("Items") == "3")
    #expect(try value("item") == nil)
  }

  @Test(
    "strings are decoded",
    arguments: [
      (#""""#, ""), (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9é""#, "éé"),
      (#""\ud83d\ude00""#, "😀"), (#""\uD83D""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
      (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud83dA""#, "\u{FFFD}A"), (#""a\u0000b""#, "a\0b"),
    ])
  func decoding(_ text: String, _ decoded: String) throws {
    let element = try JSONScanner.validate(text.utf8Span.span)
    let string = element.string(in: text.utf8Span.span)
    #expect(string == decoded)
  }

  @Test(
    "integers are read, and nothing else passes for one",
    arguments: [
      ("0", 0), ("-0", 0), ("42", 42), ("-17", -17), ("9223372036854775807", Int64.max),
      ("-9223372036854775808", Int64.min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
      ("99999999999999999999", nil), ("1.0", nil), ("1e3", nil), ("\"1\"", nil), ("true", nil),
    ] as [(String, Int64?)])
  func integers(_ text: String, _ number: Int64?) throws {
    let element = try JSONScanner.validate(text.utf8Span.span)
    let integer = element.integer(in: text.utf8Span.span)
    #expect(integer == number)
  }

  @Test("line breaks between tokens and malformed UTF-8 are noticed, escaped ones are not")
  func findings() throws {
    func scan(_ bytes: [UInt8]) throws -> (Bool, Bool) {
      var scanner = JSONScanner()
      _ = try scanner.value(in: bytes.span)
      return (scanner.hasLineBreak, scanner.hasMalformedUTF8)
    }
    #expect(try scan(Array(#"{"a": "\n"}"#.utf8)) == (false, false))
    #expect(try scan(Array("{\"a\":\r1}".utf8)) == (true, false))
    #expect(try scan(Array("\"é😀\"".utf8)) == (false, false))
    #expect(try scan([0x22, 0xE2, 0x82, 0x22]) == (false, true))
    #expect(try scan([0x22, 0xED, 0xA0, 0x80, 0x22]) == (false, true))
  }
}

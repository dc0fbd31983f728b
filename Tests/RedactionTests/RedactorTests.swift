import BaritoCore
import Redaction
import Testing

/// What rules do to documents, byte for byte.
@Suite struct RedactorTests {
  @Test(
    "what a pattern matches in a string value is replaced, every place of it, and every other byte stays",
    arguments: [
      (#"{"m":"pay 4111111111111111 now"}"#, #"{"m":"pay 41[CARD REDACTED]11 now"}"#),
      (
        #"{ "m" : "4111111111111111 and 5500005555555559", "n":1e2, "m":"4111111111111111" }"#,
        #"{ "m" : "41[CARD REDACTED]11 and 55[CARD REDACTED]59", "n":1e2, "m":"41[CARD REDACTED]11" }"#
      ),
      (#"{"a":[["x",{"b":"ada@example.com"}]]}"#, #"{"a":[["x",{"b":"[MAIL REDACTED]"}]]}"#),
      (#"{"m":"password=hunter2 ok","k":null}"#, #"{"m":"password=[PASSWORD REDACTED] ok","k":null}"#),
      (#""ada@example.com""#, #""[MAIL REDACTED]""#),
      ("{\n\"m\":\"ada@example.com\"\n}", "{\n\"m\":\"[MAIL REDACTED]\"\n}"),
    ])
  func patterns(document: String, expected: String) throws {
    #expect(try Redactor([.card, .mail, .password]).redacted(document) == expected)
  }

  @Test(
    "keys, numbers and lines without a match stay as they are",
    arguments: [
      #"{"4111111111111111":"x"}"#, #"{"n":4111111111111111}"#, #"{"m":"nothing"}"#, "{}", "[]", "1", #"{"m":""}"#,
    ])
  func unchanged(document: String) throws {
    #expect(try Redactor([.card, .mail]).redacted(document) == nil)
  }

  @Test(
    "an escape hides nothing, and what is not taken out stays as it was written",
    arguments: [
      (#"{"m":"\u0034111111111111111"}"#, #"{"m":"\u0034111111111111111"}"#, "none"),
      (#"{"m":"a\nada\u0040example.com\tz\u00e9"}"#, #"{"m":"a\n[MAIL REDACTED]\tz\u00e9"}"#, "MAIL"),
      (
        #"{"m":"\ud83e\udd8a ada@example.com \ud83e\udd8a"}"#, #"{"m":"\ud83e\udd8a [MAIL REDACTED] \ud83e\udd8a"}"#,
        "MAIL"
      ),
      (#"{"m":"\ud83e ada@example.com \udd8a"}"#, #"{"m":"\ud83e [MAIL REDACTED] \udd8a"}"#, "MAIL"),
      (#"{"m":"\/\\password=a\"b c"}"#, #"{"m":"\/\\password=[PASSWORD REDACTED] c"}"#, "PASSWORD"),
      (#"{"m":"\u00344\u0031111111111111\u0039\u0038 "}"#, #"{"m":"\u00344[CARD REDACTED]\u0039\u0038 "}"#, "CARD"),
    ])
  func escapes(document: String, expected: String, rule: String) throws {
    let redacted = try Redactor([.card, .mail, .password]).redacted(document)
    if rule == "none" {
      #expect(redacted == #"{"m":"\u00341[CARD REDACTED]11"}"#)
    } else {
      #expect(redacted == expected)
    }
  }

  @Test("a pattern for a character outside the first plane finds it, escaped as a pair or not")
  func surrogates() throws {
    let redactor = Redactor([RedactionRule(name: "FOX", .pattern("🦊+"), hintStart: 1)])
    #expect(try redactor.redacted(#"{"m":"x🦊\ud83e\udd8a🦊y"}"#) == #"{"m":"x🦊[FOX REDACTED]y"}"#)
    #expect(try redactor.redacted(#"{"m":"\ud83e\udd8a"}"#) == #"{"m":"[FOX REDACTED]"}"#)
  }

  @Test(
    "hints never show more than half of what was there",
    arguments: [
      ("abcdefgh", "ab[X REDACTED]gh"), ("abcd", "[X REDACTED]"), ("abcdefg", "[X REDACTED]"),
      ("äöüßäöüß", "äö[X REDACTED]üß"),
    ])
  func hints(text: String, expected: String) throws {
    let rule = RedactionRule(name: "X", .pattern(#"\S+"#), hintStart: 2, hintEnd: 2)
    #expect(try Redactor([rule]).redacted(#"{"m":"\#(text)"}"#) == #"{"m":"\#(expected)"}"#)
  }

  @Test("what several rules find in one place is one place, under the name of the first and without hints")
  func overlap() throws {
    let redactor = Redactor([
      .card, RedactionRule(name: "TOKEN", .pattern(#"token=\w+"#), hintStart: 1),
      RedactionRule(name: "DIGITS", .pattern(#"\d+"#)),
    ])
    #expect(
      try redactor.redacted(#"{"m":"token=4111111111111111 token=aaaaaaaa 12"}"#)
        == #"{"m":"[CARD REDACTED] t[TOKEN REDACTED] [DIGITS REDACTED]"}"#)
  }

  @Test(
    "what a path names is replaced whole, of whatever kind it is, but for null",
    arguments: [
      (".user.email", #"{"user":{"email":"a","id":7}}"#, #"{"user":{"email":"[P REDACTED]","id":7}}"#),
      (".user.email", #"{"user":{"email":7.5},"email":1}"#, #"{"user":{"email":"[P REDACTED]"},"email":1}"#),
      (".user", #"{"user":{"email":[1,2]},"x":1}"#, #"{"user":"[P REDACTED]","x":1}"#),
      (".user", #"{"user":null,"user":true}"#, #"{"user":null,"user":"[P REDACTED]"}"#),
      (
        ".items[].card", #"{"items":[{"card":1},{"card":"2"},3]}"#,
        #"{"items":[{"card":"[P REDACTED]"},{"card":"[P REDACTED]"},3]}"#
      ),
      (".a[][]", #"{"a":[[1,"x"],2]}"#, #"{"a":[["[P REDACTED]","[P REDACTED]"],2]}"#),
      (".h.*", #"{"h":{"a":1,"b":{"c":2}}}"#, #"{"h":{"a":"[P REDACTED]","b":"[P REDACTED]"}}"#),
      (
        ".*.b", #"{"a":{"b":1},"b":2,"c":{"d":{"b":3},"b":4}}"#,
        #"{"a":{"b":"[P REDACTED]"},"b":2,"c":{"d":{"b":3},"b":"[P REDACTED]"}}"#
      ),
      (".user.email", #"{"user.email":"a"}"#, #"{"user.email":"[P REDACTED]"}"#),
      (".user", #"{"user.email":"a"}"#, #"{"user.email":"[P REDACTED]"}"#),
      (
        ".a.b.c", #"{"a.b":{"c":1},"a":{"b.c":2,"b":{"c":3,"d":4}},"a.b.d":5}"#,
        #"{"a.b":{"c":"[P REDACTED]"},"a":{"b.c":"[P REDACTED]","b":{"c":"[P REDACTED]","d":4}},"a.b.d":5}"#
      ),
      (".email", #"{"\u0065mail":"a"}"#, #"{"\u0065mail":"[P REDACTED]"}"#),
    ])
  func paths(path: String, document: String, expected: String) throws {
    #expect(try Redactor([.path(path)]).redacted(document) == expected)
  }

  @Test(
    "a path names nothing else",
    arguments: [
      (".user.email", #"{"user":[{"email":1}],"User":{"email":1},"x":{"user":{"email":1}}}"#),
      (".a[]", #"{"a":{"b":1}}"#), (".a.b", #"{"a":"b","b":1,"a.c":2}"#), (".a", "[1]"),
    ])
  func otherPaths(path: String, document: String) throws {
    #expect(try Redactor([.path(path)]).redacted(document) == nil)
  }

  @Test("hints of a path are those of the text or the number that stood there")
  func pathHints() throws {
    let redactor = Redactor([RedactionRule(name: "P", .path(".c"), hintStart: 1, hintEnd: 2)])
    #expect(try redactor.redacted(#"{"c":4111111111}"#) == #"{"c":"4[P REDACTED]11"}"#)
    #expect(try redactor.redacted(#"{"c":"\u0061bcdef\n"}"#) == #"{"c":"\u0061[P REDACTED]f\n"}"#)
    #expect(try redactor.redacted(#"{"c":[1,2,3,4,5]}"#) == #"{"c":"[P REDACTED]"}"#)
  }

  @Test("paths come before patterns, which look at all the rest")
  func both() throws {
    let redactor = Redactor([.mail, .path(".user", name: "USER")])
    #expect(
      try redactor.redacted(#"{"user":{"m":"a@b.cc"},"m":"a@b.cc"}"#)
        == #"{"user":"[USER REDACTED]","m":"[MAIL REDACTED]"}"#)
  }

  @Test(
    "what is no JSON is redacted as text, escapes or not",
    arguments: [
      (#"{"m":"ada@example.com""#, #"{"m":"[MAIL REDACTED]""#), ("ada@example.com", "[MAIL REDACTED]"),
      (#"{"m":"ada\u0040example.com"} x"#, #"{"m":"[MAIL REDACTED]"} x"#),
      (#"C:\u ada@example.com"#, #"C:\u [MAIL REDACTED]"#),
      (#"{"m":nothing}"#, #"{"m":nothing}"#),
    ])
  func text(document: String, expected: String) throws {
    #expect(try Redactor([.card, .mail]).redacted(document) == expected)
  }

  @Test("of what is no JSON nothing is kept where a path might name any part of it")
  func textWithPaths() throws {
    #expect(try Redactor([.mail, .path(".user.email")]).redacted(#"{"user":{"email":"secret""#) == "[P REDACTED]")
  }

  @Test("bytes that are not UTF-8 end a match and stay")
  func invalid() throws {
    let document = Array(#"{"m":"a@b.cc"#.utf8) + [0xFF] + Array(#"a@b.cc"}"#.utf8)
    #expect(try Redactor([.mail]).redacted(document) == "{\"m\":\"[MAIL REDACTED]\u{FFFD}[MAIL REDACTED]\"}")
  }

  @Test("a document as deep as one may be is walked, and a deeper one is no JSON")
  func deep() throws {
    let redactor = Redactor([.mail])
    for (depth, isJSON) in [(9_999, true), (10_001, false)] {
      let document = String(repeating: "[", count: depth) + #""a@b.cc""# + String(repeating: "]", count: depth)
      var (pass, tally) = (RedactionPass(), RedactionTally())
      let outcome = pass.redact(document.utf8Span.span, by: redactor, &tally)
      #expect((outcome == .redacted) == isJSON)
      #expect(!String(decoding: pass.output, as: UTF8.self).contains("@"))
    }
  }

  @Test("each rule's places are counted")
  func tally() throws {
    let redactor = Redactor([.card, .mail])
    var (pass, tally) = (RedactionPass(), RedactionTally())
    for document in [#"{"a":"a@b.cc a@b.cc"}"#, #"{"a":"x"}"#, #"{"a":"4111111111111111 a@b.cc"}"#] {
      _ = pass.redact(document.utf8Span.span, by: redactor, &tally)
    }
    #expect(tally.redacted == [1, 3])
    #expect(redactor.names == ["CARD", "MAIL"])
  }
}

import BaritoCore
import Redaction
import Testing

@Suite struct RuleTests {
  @Test(
    "a rule that cannot be is refused with what is wrong and where",
    arguments: [
      (RedactionRule(name: "A", .pattern("a(b")), "pattern", 3, "position 3"),
      (RedactionRule(name: "A", .pattern("")), "pattern", nil, "empty"),
      (RedactionRule(name: "A", .pattern("(a+)+$")), "pattern", nil, "too many steps"),
      (RedactionRule(name: "A", .pattern(String(repeating: "a", count: 1001))), "pattern", nil, "1001 bytes"),
      (RedactionRule(name: "A", .path("user")), "path", 0, "begins with a dot"),
      (RedactionRule(name: "A", .path("")), "path", 0, "begins with a dot"),
      (RedactionRule(name: "A", .path(".")), "path", 1, "name must follow"),
      (RedactionRule(name: "A", .path(".a[0]")), "path", 3, "] must follow"),
      (RedactionRule(name: "A", .path(".a]")), "path", 2, "must follow"),
      (RedactionRule(name: "A", .path("[].a")), "path", 0, "begins with a dot"),
      (RedactionRule(name: "A", .path(".a" + String(repeating: "[]", count: 125))), "path", nil, "252 bytes"),
      (RedactionRule(name: "A", nil), "pattern", nil, "neither"),
      (RedactionRule(name: "", .path(".a")), "name", nil, "letters"),
      (RedactionRule(name: "A]", .path(".a")), "name", nil, "letters"),
      (RedactionRule(name: "A", .path(".a"), hintStart: 17), "hint_start", nil, "17"),
      (RedactionRule(name: "A", .path(".a"), hintEnd: -1), "hint_end", nil, "-1"),
    ] as [(RedactionRule, String, Int?, String)])
  func refused(rule: RedactionRule, member: String, offset: Int?, words: String) throws {
    let faults = RedactionCheck.faults(in: [.mail, rule])
    #expect(faults.count == 1)
    let fault = try #require(faults.first)
    #expect(fault.rule == 1 && fault.member == member && fault.offset == offset)
    #expect(fault.detail.contains(words))
  }

  @Test("two rules of one name, and more rules than an app may have, are refused")
  func lists() {
    #expect(RedactionCheck.faults(in: [.mail, .mail]).map(\.member) == ["name"])
    let many = (0..<33).map { RedactionRule.path(".a", name: "R\($0)") }
    #expect(RedactionCheck.faults(in: many).map(\.rule) == [nil])
    #expect(RedactionCheck.faults(in: Array(many.dropLast())).isEmpty)
  }

  @Test("patterns that people write are taken")
  func taken() {
    let patterns = [
      #"\b\d{13,19}\b"#, #"[\w.+-]+@[\w-]+\.[\w.]+"#, "(?i)bearer [a-z0-9._~+/-]+=*", #"\b(?:\d{1,3}\.){3}\d{1,3}\b"#,
      #"eyJ[\w-]+\.[\w-]+\.[\w-]+"#, #"(?<=password=)\S+"#, ".+", #""[^"]*""#,
    ]
    let rules = patterns.enumerated().map { RedactionRule(name: "R\($0)", .pattern($1)) }
    #expect(RedactionCheck.faults(in: rules).isEmpty)
  }

  @Test("a rule of a kind that is not known holds nobody up, and is told of")
  func unknown() throws {
    let redactor = Redactor([RedactionRule(name: "NEW", nil), .mail])
    #expect(redactor.faults.count == 1 && redactor.names == ["MAIL"])
    #expect(try redactor.redacted(#"{"m":"a@b.cc"}"#) == #"{"m":"[MAIL REDACTED]"}"#)
  }
}

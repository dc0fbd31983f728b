import Regex
import Testing

@Suite struct RegularExpressionTests {
  private func find(_ pattern: String, _ text: String, ignoringCase: Bool = false) throws -> Range<Int>? {
    try RegularExpression(pattern, ignoringCase: ignoringCase).firstMatch(in: text.utf8Span.span)
  }

  @Test(
    "a pattern is found where it stands first",
    arguments: [
      ("timeout", "a timeout, a timeout", 2..<9), ("time(out)?$", "time timeout", 5..<12), (#"\d+"#, "n 42", 2..<4),
      ("(?i)ERROR", "an error", 3..<8), ("é", "caf\u{e9}", 3..<5), ("", "x", 0..<0), ("^$", "", 0..<0),
      (#"\S+"#, "äö b", 0..<4),
    ])
  func matches(pattern: String, text: String, range: Range<Int>) throws {
    #expect(try find(pattern, text) == range)
  }

  @Test("what does not occur is not found")
  func noMatch() throws {
    #expect(try find("timeout", "Timeout") == nil)
    #expect(try find("timeout", "Timeout", ignoringCase: true) == 0..<7)
  }

  @Test(
    "a wrong pattern names its place",
    arguments: [("a(b", 3), ("[a-", 3), ("a{2,1}", 5), ("*a", 0), ("(?<n>a)(?<n>b)", 12)])
  func syntax(pattern: String, offset: Int) {
    let error = #expect(throws: RegexError.self) { try RegularExpression(pattern) }
    #expect(error?.code == .syntax)
    #expect(error?.offset == offset)
    #expect(error?.detail.contains("position \(offset)") == true)
  }

  @Test("a pattern that is too long is refused before it is compiled")
  func tooLong() {
    let error = #expect(throws: RegexError.self) { try RegularExpression(String(repeating: "a", count: 4097)) }
    #expect(error?.code == .tooLong)
  }

  @Test("a pattern that explodes is stopped", .timeLimit(.minutes(1)))
  func tooExpensive() throws {
    let text = String(repeating: "a", count: 60) + "b"
    let error = #expect(throws: RegexError.self) { try find("^(a|a)*$", text) }
    #expect(error?.code == .tooExpensive)
  }

  @Test("text around bytes that are not UTF-8 is still found")
  func invalidText() throws {
    let expression = try RegularExpression("out")
    #expect(try expression.firstMatch(in: [0xFF, 0x6F, 0x75, 0x74, 0xC3].span) == 1..<4)
  }

  @Test("one pattern is used by many tasks at once")
  func concurrent() async throws {
    let expression = try RegularExpression(#"id=(\d+) "#)
    let found = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask { try expression.matches("line id=\(number) end".utf8Span.span) }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(found == 200)
  }
}

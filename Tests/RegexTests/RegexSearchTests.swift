import Regex
import Testing

@Suite struct RegexSearchTests {
  private func all(_ pattern: String, _ text: some Sequence<UInt8>) throws -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    try RegexSearch().append(matchesOf: try RegularExpression(pattern), in: Array(text).span, to: &ranges)
    return ranges
  }

  @Test(
    "every place is found, one behind the other, and no empty one",
    arguments: [
      (#"\d+"#, "1 22 x333", [0..<1, 2..<4, 6..<9]), ("a*", "baab", [1..<3]), ("^a", "aa", [0..<1]),
      ("(?<=a)b", "abb", [1..<2]), ("aa", "aaaaa", [0..<2, 2..<4]), (#"a\Kb"#, "abab", [1..<2, 3..<4]),
      ("é", "éxé", [0..<2, 3..<5]), ("$", "ab", []), (#"\S+"#, "aäöü b", [0..<7, 8..<9]), (#"\W"#, "ä", [0..<2]),
      (#"\D+"#, "1ä2", [1..<3]), (".+", "", []), ("b$", "bb", [1..<2]),
    ])
  func places(pattern: String, text: String, ranges: [Range<Int>]) throws {
    #expect(try all(pattern, text.utf8) == ranges)
  }

  @Test("a place far behind in a long text is found, whatever characters stand on the way", arguments: ["x", "é", "🦊"])
  func far(filler: String) throws {
    let before = Array(String(repeating: filler, count: 70_001).utf8)
    let ranges = try all("needle$|^needle", before + Array("needle".utf8))
    #expect(ranges == [before.count..<before.count + 6])
  }

  @Test("what is not UTF-8 matches nothing, and what stands around it is found")
  func invalid() throws {
    #expect(try all("[0-9]+", [0x31, 0xFF, 0x32, 0xC3, 0x33, 0x80]) == [0..<1, 2..<3, 4..<5])
    #expect(try all("[0-9]", Array(repeating: 0x80, count: 300) + [0x31]) == [300..<301])
  }

  @Test(
    "a pattern that explodes is stopped, from one place on and from all places together",
    .timeLimit(.minutes(2)),
    arguments: [
      ("(a+)+$", String(repeating: "a", count: 60) + "b"),
      ("(a+)+$", String(repeating: String(repeating: "a", count: 14) + "b", count: 20_000)),
      (#"(y)[a-z]*\1[0-9]"#, String(repeating: "y", count: 400_000)),
      ("(.*).*.*[0-9]", String(repeating: "y", count: 20_000)),
    ])
  func explodes(pattern: String, text: String) throws {
    let clock = ThreadClock.nanoseconds
    let error = #expect(throws: RegexError.self) { try all(pattern, text.utf8) }
    #expect(error?.code == .tooExpensive)
    // Of a debug build on any machine: seconds would be minutes without the bound.
    #expect(ThreadClock.nanoseconds - clock < 3_000_000_000)
  }

  @Test("patterns that people write are done with values of a megabyte")
  func ordinary() throws {
    let text = Array(String(repeating: "user=ada@example.com card=4111111111111111 ok; ", count: 22_000).utf8)
    for pattern in [#"\b\d{13,19}\b"#, #"[\w.+-]+@[\w-]+\.[\w.]+"#, #"(?i)password=\S+|card=\d+"#] {
      #expect(try all(pattern, text).count >= 22_000)
    }
  }
}

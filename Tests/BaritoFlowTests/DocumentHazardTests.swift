import BaritoCore
import Testing

@testable import BaritoFlow

@Suite struct DocumentHazardTests {
  private func kind(_ line: String) -> RefusalKind? { DocumentHazard.find(in: Array(line.utf8).span)?.kind }
  private func kind(_ line: [UInt8]) -> RefusalKind? { DocumentHazard.find(in: line.span)?.kind }
  private func nested(_ depth: Int) -> String {
    #"{"a":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
  }

  @Test(
    "ordinary lines are sent, with everything that JSON allows",
    arguments: [
      "{}", #"{"a":1}"#, #"{"a":"\ud83d\ude00"}"#, #"{"\ud83d\ude00":1}"#, #"{"a":"\ud800"}"#, #"{"😀é":"日本"}"#,
      #"{"a":"\\n \\ud800"}"#, #"{"a\\ud800":1}"#, #"{"\ufffd":1,"a":[{"b":[]},null,true]}"#,
      #"{"a":"\\\\\\ud800"}"#, #"{"text":"\n"}"#, #"{"a":}"#, #"{"\ud801\udc00\ud801\udc00":0}"#,
    ])
  func harmless(line: String) { #expect(kind(line) == nil) }

  @Test(
    "a key with half of a surrogate pair is not sent: two such keys cost the whole shard",
    arguments: [
      #"{"\ud800":1}"#, #"{"\uDFFF":1}"#, #"{"a":{"b":[{"x\udbffy":1}]}}"#, #"{"\ud83d\ud83d\ude00":1}"#,
      #"{"\ude00\ud83d":1}"#, #"{"a":1,"\ud83dx\ude00":1}"#, #"{"\\\ud800":1}"#, #"{"\ud83d\n\ude00":1}"#,
    ])
  func halfSurrogates(line: String) { #expect(kind(line) == .badFieldName) }

  @Test(
    "bytes that are not UTF-8 are not sent, wherever they stand",
    arguments: [
      [0xFF], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
    ] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    for filler in 0..<17 {
      let text = Array(String(repeating: "x", count: filler).utf8)
      #expect(kind(Array(#"{"a":""#.utf8) + text + bytes + Array(#""}"#.utf8)) == .notJSON)
      #expect(kind(Array(#"{"a":""#.utf8) + text + bytes + Array(#"xxxxxxxxxx"}"#.utf8)) == .notJSON)
      #expect(kind(Array(#"{"a\"#.utf8) + bytes + Array(#"":1}"#.utf8)) == .notJSON)
    }
  }

  @Test("a line feed is found wherever it stands, behind a backslash too")
  func lineFeeds() {
    for place in 0..<40 {
      var line = Array((#"{"a":""# + String(repeating: "x", count: 40) + #""}"#).utf8)
      line[6 + place] = UInt8(ascii: "\n")
      #expect(kind(line) == .notOneLine)
      line[5 + place] = UInt8(ascii: "\\")
      #expect(kind(line) == .notOneLine)
    }
  }

  @Test("a line that is nested deeper than servers bear is not sent, whatever else is in it")
  func depth() {
    #expect(kind(nested(DocumentHazard.maximumDepth)) == nil)
    #expect(kind(nested(DocumentHazard.maximumDepth + 1)) == .tooDeep)
    #expect(kind(nested(10_000)) == .tooDeep)
    let objects = String(repeating: #"{"a":"#, count: 10_000) + "1" + String(repeating: "}", count: 10_000)
    #expect(kind(objects) == .tooDeep)
    // Servers read past comments, which are no JSON.
    #expect(kind("{/* */\(nested(1_000).dropFirst())") == .notJSON)
    #expect(kind(nested(200_000)) == .tooDeep)
    // Braces in a text open nothing.
    #expect(kind(#"{"a":""# + String(repeating: "{[", count: 5_000) + #""}"#) == nil)
    #expect(kind(#"{"a":["# + String(repeating: "[],", count: 5_000) + "1]}") == nil)
  }

  @Test("a comment is not sent: servers keep it, and no search that finds it is JSON any more")
  func comments() {
    for line in [
      "{/* c */\"a\":1}", "{\"a\":1// c\r}", "{\"a\":// c\r1}", "{\"a\":1,/**/\"b\":2}", "{\"a\":true// c\r}", "{//}",
    ] { #expect(kind(line) == .notJSON, "\(line)") }
    for line in [
      #"{"a":"https://b.c//d/*"}"#, #"{"a":"//"}"#, #"{"//":"/*"}"#, #"{"url":"s3://b"}"#,
      #"{"a":"b://c","d":"/* \/"}"#,
    ] { #expect(kind(line) == nil, "\(line)") }
  }

  @Test("a line of very many fields is not sent, one of very many values is")
  func fields() {
    func fields(_ count: Int) -> String { "{" + (0..<count).map { "\"f\($0)\":\($0)" }.joined(separator: ",") + "}" }
    #expect(kind(fields(DocumentHazard.maximumFields)) == nil)
    #expect(kind(fields(DocumentHazard.maximumFields + 1)) == .tooManyFields)
    #expect(kind("{\"z\":\(fields(100_000))}") == .tooManyFields)
    #expect(kind(#"{"a":["# + String(repeating: "1,", count: 100_000) + "1]}") == nil)
  }

  @Test("a quick look says of any bytes what a slow one says", arguments: 0..<200)
  func survey(seed: Int) {
    var random = Seeded(UInt64(seed))
    let alphabet = Array(#"ab\u8dD9[{}]"nF/*"#.utf8) + [0x0A, 0x80, 0xED]
    let line = (0..<Int.random(in: 0...60, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
    let survey = LineSurvey(line.span)
    #expect(survey.hasLineFeed == line.contains(0x0A))
    #expect(survey.isASCII == line.allSatisfy { $0 < 0x80 })
    #expect(LineSurvey.openings(in: line.span) == line.count { $0 == 0x5B || $0 == 0x7B })
    var escapes = false
    var place = 0
    while place < line.count {
      guard line[place] == 0x5C else {
        place += 1
        continue
      }
      let next = Array(line[place...].dropFirst().prefix(3))
      if next.count == 3, next[0] == UInt8(ascii: "u"), next[1] | 0x20 == UInt8(ascii: "d"),
        next[2] >= UInt8(ascii: "8")
      {
        escapes = true
      }
      place += next.first == 0x0A ? 1 : 2
    }
    #expect(LineSurvey.hasSurrogateEscape(in: line.span) == escapes)
    let pairs = Set(zip(line, line.dropFirst()).map { [$0, $1] })
    #expect(survey.hasUnicodeEscape == pairs.contains(Array(#"\u"#.utf8)))
    #expect(survey.hasCommentMark == !pairs.isDisjoint(with: [Array("//".utf8), Array("/*".utf8)]))
  }
}

import BaritoCore
import Testing

@Suite struct LineFramerTests {
  static let now = Timestamp("2026-11-22T10:15:30.123Z")!
  static let stamp = #""@timestamp":"2026-11-22T10:15:30.123Z"}"#

  private func frame(_ line: [UInt8]) throws -> (String, LineFramer.Framed) {
    var output: [UInt8] = []
    var scanner = JSONScanner()
    let framed = try LineFramer(receivedAt: Self.now).frame(line.span, with: &scanner, into: &output)
    return (String(decoding: output, as: UTF8.self), framed)
  }

  @Test(
    "an object with a timestamp is copied byte for byte",
    arguments: [
      #"{"@timestamp":"2020-01-01T00:00:00Z","b":1.10,"a":1e2,"b":1.10,"big":123456789012345678901234567890}"#,
      #"{ "a" : {"x":[ 1 , 2 ]}, "@timestamp" : 1 }"#, #"{"\u0040timestamp":null,"u":"\u00E9\/é😀"}"#,
    ])
  func kept(_ line: String) throws {
    let (document, framed) = try frame(Array(line.utf8))
    #expect(document == line)
    #expect(framed.outcome == .kept && framed.repairs == 0)
  }

  @Test(
    "an object without a timestamp of its own gets one at its end",
    arguments: [
      (#"{}"#, "{\(stamp)"), (#"{ }"#, "{ \(stamp)"), (#"{"a":1}"#, #"{"a":1,\#(stamp)"#),
      (#"{"a":{"@timestamp":1} }"#, #"{"a":{"@timestamp":1} ,\#(stamp)"#),
      (#"{"timestamp@":1}"#, #"{"timestamp@":1,\#(stamp)"#), (#"{"@Timestamp":"x"}"#, #"{"@Timestamp":"x",\#(stamp)"#),
    ])
  func stamped(_ line: String, _ expected: String) throws {
    let (document, framed) = try frame(Array(line.utf8))
    #expect(document == expected)
    #expect(framed.outcome == .stamped)
  }

  @Test(
    "what is no object is put into one with its text",
    arguments: [
      (#""plain""#, #"{"message":"plain",\#(stamp)"#), (#""a\"\u00e9\n\/""#, #"{"message":"a\"é\n/",\#(stamp)"#),
      (#""\ud83d""#, #"{"message":"\#u{FFFD}",\#(stamp)"#), ("42.0", #"{"message":"42.0",\#(stamp)"#),
      ("null", #"{"message":"null",\#(stamp)"#), ("true", #"{"message":"true",\#(stamp)"#),
      (#"["a",{"b":1}]"#, #"{"message":"[\"a\",{\"b\":1}]",\#(stamp)"#), ("[\n]", #"{"message":"[\n]",\#(stamp)"#),
    ])
  func wrapped(_ line: String, _ expected: String) throws {
    let (document, framed) = try frame(Array(line.utf8))
    #expect(document == expected)
    #expect(framed.outcome == .wrapped && framed.repairs == 0)
  }

  @Test("line breaks between tokens become spaces, so a document is one line")
  func lineBreaks() throws {
    let (document, _) = try frame(Array("\n{\r\n \"a\": [\n1\r]\n}\n".utf8))
    #expect(document == "{   \"a\": [ 1 ] ,\(Self.stamp)")
  }

  @Test("bytes that are not UTF-8 become U+FFFD and are counted, in objects and in text")
  func repairs() throws {
    let (document, framed) = try frame(
      Array(#"{"@timestamp":1,"a":""#.utf8) + [0xFF, 0xE2, 0x82] + Array("\"\n}".utf8))
    #expect(document == "{\"@timestamp\":1,\"a\":\"\u{FFFD}\u{FFFD}\" }")
    #expect(framed.outcome == .kept && framed.repairs == 2)
    let (text, wrapped) = try frame([0x22, 0xC0, 0x5C, 0x6E, 0x22])
    #expect(text == "{\"message\":\"\u{FFFD}\\n\",\(Self.stamp)")
    #expect(wrapped.outcome == .wrapped && wrapped.repairs == 1)
    let (array, _) = try frame([0x5B, 0x22, 0x80, 0x22, 0x5D])
    #expect(array == "{\"message\":\"[\\\"\u{FFFD}\\\"]\",\(Self.stamp)")
  }

  @Test(
    "another parser reads from the document what was in the line, and the timestamp", arguments: JSONOracleTests.seeds)
  func roundTrip(_ line: String) throws {
    let (document, framed) = try frame(Array(line.utf8))
    let before = try #require(JSONTree(line.utf8))
    let after = try #require(JSONTree(document.utf8))
    let time = JSONTree.string("2026-11-22T10:15:30.123Z")
    switch framed.outcome {
    case .kept: #expect(after == before)
    case .stamped: #expect(after == before.with("@timestamp", time))
    case .wrapped:
      guard case .object(let members) = after, case .string(let message)? = members["message"] else {
        Issue.record("no message in \(document)")
        return
      }
      #expect(members.count == 2 && members["@timestamp"] == time)
      if case .string(let text) = before { #expect(message == text) } else { #expect(JSONTree(message.utf8) == before) }
    }
    #expect(!document.utf8.contains(0x0A) && !document.utf8.contains(0x0D))
  }
}

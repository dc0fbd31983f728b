import BaritoCore
import Testing

@Suite struct JSONWriterTests {
  @Test("objects and arrays get their commas, nested and empty ones too")
  func structure() {
    var json = JSONWriter()
    json.object { json in
      json.member("name", "shop")
      json.member("count", 3)
      json.member("ratio", 0.5)
      json.member("active", true)
      json.key("nothing")
      json.null()
      json.object("none") { _ in }
      json.array("list") { json in
        json.value(1)
        json.array { _ in }
        json.object { $0.member("a", "b") }
        json.value(false)
      }
      json.member("raw", json: Array("[1,2]".utf8).span)
    }
    #expect(
      json.text == #"{"name":"shop","count":3,"ratio":0.5,"active":true,"nothing":null,"none":{},"#
        + #""list":[1,[],{"a":"b"},false],"raw":[1,2]}"#)
  }

  @Test("texts of their own stand on lines of their own")
  func lines() {
    var json = JSONWriter(appendingTo: Array("{}\n".utf8))
    json.object { $0.object("create") { $0.member("_id", "1") } }
    json.newLine()
    json.object { _ in }
    json.newLine()
    #expect(json.text == "{}\n{\"create\":{\"_id\":\"1\"}}\n{}\n")
  }

  @Test("quotes, backslashes and control characters are escaped, everything else goes through")
  func escaping() {
    var json = JSONWriter()
    json.value("a\"b\\c/\u{8}\u{9}\u{A}\u{C}\u{D}\u{0}\u{1F}\u{7F}é😀\u{2028}")
    #expect(json.text == "\"a\\\"b\\\\c/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}é😀\u{2028}\"")
    #expect(json.repairs == 0)
  }

  @Test("bytes that are not UTF-8 become U+FFFD and are counted")
  func repairs() {
    var json = JSONWriter()
    let bytes: [UInt8] = [0x61, 0xFF, 0x22, 0xE2, 0x82, 0x62, 0xF0, 0x9F, 0x98]
    json.value(utf8: bytes.span)
    #expect(json.text == "\"a\u{FFFD}\\\"\u{FFFD}b\u{FFFD}\"")
    #expect(json.repairs == 3)
  }

  @Test("numbers are JSON, whatever they are")
  func numbers() throws {
    var json = JSONWriter()
    json.array { json in
      json.value(Int64.min)
      json.value(UInt64.max)
      for number in [0, -0.0, 1e300, .leastNonzeroMagnitude, .pi, .infinity, -.infinity, .nan] as [Double] {
        json.value(number)
      }
    }
    #expect(
      json.text
        == "[-9223372036854775808,18446744073709551615,0.0,-0.0,1e+300,5e-324,3.141592653589793,null,null,null]")
    _ = try JSONScanner.validate(json.bytes.span)
  }

  @Test("whatever text is written, the scanner reads it back")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 0x20...0x7E, using: &random)
      }
      var json = JSONWriter()
      json.value(utf8: bytes.span)
      let element = try JSONScanner.validate(json.bytes.span)
      #expect(element.string(in: json.bytes.span) == String(decoding: bytes, as: UTF8.self))
    }
  }
}

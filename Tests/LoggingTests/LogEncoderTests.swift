import Testing

@testable import Logging

@Suite("LogEncoder")
struct LogEncoderTests {
  let time = LogTime(milliseconds: 1_763_719_200_123)

  func json(_ message: String, _ metadata: Logger.Metadata = [:]) -> String {
    String(
      decoding: LogEncoder(isJSON: true, hasColour: false).encode(time, .info, message, metadata), as: UTF8.self)
  }

  func text(_ message: String, _ metadata: Logger.Metadata = [:], colour: Bool = false) -> String {
    String(
      decoding: LogEncoder(isJSON: false, hasColour: colour).encode(time, .warning, message, metadata), as: UTF8.self)
  }

  @Test("JSON has time, level, message and the metadata sorted by key")
  func jsonLine() {
    #expect(
      json("ready", ["b": "2", "a": "1"])
        == "{\"time\":\"2025-11-21T10:00:00.123Z\",\"level\":\"info\",\"message\":\"ready\",\"a\":\"1\",\"b\":\"2\"}\n")
  }

  @Test("JSON escapes what would break a line or a terminal, and passes the rest")
  func jsonEscapes() {
    #expect(
      json("a\"\\\n\r\t\u{1b}[31m\u{9b}é😀\u{2028}\u{202e}").contains(
        "\"message\":\"a\\\"\\\\\\n\\r\\t\\u001b[31m\\u009bé😀\\u2028\\u202e\""))
    #expect(json("x", ["k\"\n": "v"]).contains("\"k\\\"\\n\":\"v\""))
  }

  @Test("metadata cannot pose as the event's own members")
  func collisions() {
    let line = json("real", ["message": "posed", "time": "never"])
    #expect(line.contains("\"message\":\"real\""))
    #expect(line.contains("\"metadata.message\":\"posed\",\"metadata.time\":\"never\"}"))
  }

  @Test("text quotes values that are not plain words")
  func textLine() {
    #expect(
      text("slow answer", ["a": "1", "b": "two words", "c": "", "d": "q\"\\"])
        == "2025-11-21T10:00:00.123Z WARNING  slow answer a=1 b=\"two words\" c=\"\" d=\"q\\\"\\\\\"\n")
  }

  @Test("text stays one line and does not command the terminal")
  func textEscapes() {
    let line = text("a\nb\u{1b}[2J", ["k\n": "v\r\u{7}"])
    #expect(line.hasSuffix("a\\nb\\u{1b}[2J k\\n=\"v\\r\\u{7}\"\n"))
    #expect(line.utf8.filter { $0 < 0x20 }.count == 1)
  }

  @Test("colour surrounds the level and the keys only")
  func colour() {
    let line = text("m", ["k": "v"], colour: true)
    #expect(line.contains(" \u{1b}[33mWARNING\u{1b}[0m  m \u{1b}[2mk=\u{1b}[0mv\n"))
  }

  @Test(
    "times are RFC 3339 in UTC with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_735_689_599_999, "2024-12-31T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ])
  func times(milliseconds: Int, text: String) {
    #expect(LogTime(milliseconds: milliseconds).text == text)
  }
}

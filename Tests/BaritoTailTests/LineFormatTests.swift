import Testing

@testable import BaritoTailCommand

@Suite struct LineFormatTests {
  private func format(
    _ document: String, output: CommandSettings.Output = .text, colored: Bool = false, terminal: Bool = false,
    app: Bool = false
  ) -> String {
    let event = #"{"cursor":"v1_1.2","app":"shop","at":"2026-11-22T10:15:30.123Z","id":"x","line":\#(document)}"#
    let bytes = Array(event.utf8)
    guard let parsed = TailEvent(bytes.span), case .line(let range) = parsed.kind else { return "" }
    let format = LineFormat(
      output: output, timestamps: .utc, isColored: colored, isTerminal: terminal, showsApp: app)
    var text: [UInt8] = []
    format.append(parsed, document: range, of: bytes.span, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  @Test(
    "the message is found under its usual names",
    arguments: ["message", "msg", "@message", "log"])
  func message(name: String) {
    #expect(format("{\"\(name)\":\"hello\",\"a\":1}") == "2026-11-22T10:15:30.123Z hello a=1\n")
  }

  @Test("a document without a message is shown whole")
  func whole() {
    #expect(format(#"{"a":1,"b":[2]}"#) == "2026-11-22T10:15:30.123Z {\"a\":1,\"b\":[2]}\n")
  }

  @Test(
    "on a terminal the level has its colour, the rest is dimmed, and the app stands in front where there are several")
  func colors() {
    let text = format(
      #"{"level":"error","message":"boom","a":1,"@timestamp":"x"}"#, colored: true, terminal: true, app: true)
    #expect(
      text
        == "\u{1b}[2m10:15:30.123\u{1b}[0m \u{1b}[36mshop\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m boom \u{1b}[2ma=1\u{1b}[0m\n"
    )
  }

  @Test("control characters of a line do not reach a terminal", arguments: CommandSettings.Output.allCases)
  func harmless(output: CommandSettings.Output) {
    let text = format(
      "{\"message\":\"a\\u001b]0;x\\u0007\\u202e\\r\u{9b}31m\u{7f}\u{202e}\"}", output: output, terminal: true)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value < 0x7f) })
  }

  @Test("the lines of a stack trace stay lines on a terminal, and one line in a pipe")
  func stackTrace() {
    let document = #"{"message":"boom\n at f"}"#
    #expect(format(document, terminal: true).hasSuffix("boom\n     at f\n"))
    #expect(format(document).hasSuffix("boom\\n at f\n"))
  }
}

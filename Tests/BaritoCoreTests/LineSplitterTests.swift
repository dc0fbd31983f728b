import BaritoCore
import Testing

@Suite struct LineSplitterTests {
  private func lines(_ text: String, maximum: Int = .max) -> [String] {
    let bytes = Array(text.utf8)
    var splitter = LineSplitter(maximumLineBytes: maximum)
    var found: [String] = []
    while let line = splitter.next(in: bytes.span) {
      let text = String(decoding: bytes[line.range], as: UTF8.self)
      found.append("\(line.number)@\(line.range.lowerBound):\(line.isTooLong ? "too long" : text)")
    }
    return found
  }

  @Test(
    "lines end with LF, CRLF or the end, blank ones are skipped and numbered",
    arguments: [
      ("", []), ("\n", []), ("\r\n \t\r\n", []), ("a", ["1@0:a"]), ("a\n", ["1@0:a"]), ("a\nb", ["1@0:a", "2@2:b"]),
      ("a\r\nb\r\n", ["1@0:a", "2@3:b"]), ("\n\na\n\nb\n", ["3@2:a", "5@5:b"]), ("a\rb\n", ["1@0:a\rb"]),
      ("a\r", ["1@0:a"]), (" a \n", ["1@0: a "]),
      ("0123456789abcdef\n0123456\n", ["1@0:0123456789abcdef", "2@17:0123456"]),
    ] as [(String, [String])])
  func framing(_ text: String, _ expected: [String]) {
    #expect(lines(text) == expected)
  }

  @Test("a line that is too long is told apart by number and offset, and the next one is found")
  func tooLong() {
    #expect(lines("abc\nabcd\r\nab\nabcde", maximum: 3) == ["1@0:abc", "2@4:too long", "3@10:ab", "4@13:too long"])
  }
}

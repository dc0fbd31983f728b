import Testing

@testable import BaritoRouter

/// What a framer finds in bytes that come in pieces, as a connection gives them: what is left is given again.
func syslogMessages(in pieces: [[UInt8]], maximum: Int = 1000, endsStream: Bool = true) -> [String] {
  var framer = SyslogFramer(maximum: maximum)
  var unread: [UInt8] = []
  var found: [String] = []
  func take(_ frame: SyslogFramer.Frame) {
    found.append(String(decoding: unread[frame.content], as: UTF8.self) + (frame.isCut ? "…" : ""))
  }
  for piece in pieces {
    unread += piece
    framer.begin()
    while let frame = framer.next(in: unread.span) { take(frame) }
    if let needed = framer.needed { precondition(needed > unread.count) }
    unread.removeFirst(framer.position)
  }
  framer.begin()
  if endsStream, let frame = framer.last(in: unread.span) { take(frame) }
  return found
}

func syslogMessages(in text: String, maximum: Int = 1000) -> [String] {
  syslogMessages(in: [Array(text.utf8)], maximum: maximum)
}

@Suite struct SyslogFramerTests {
  @Test(
    "each message is framed as it says",
    arguments: [
      ("5 <1>ab5 <1>cd", ["<1>ab", "<1>cd"]),
      ("<1>ab\n<1>cd\n", ["<1>ab", "<1>cd"]),
      ("5 <1>ab<1>cd\n6 <1>e\nf<1>g\n", ["<1>ab", "<1>cd", "<1>e\nf", "<1>g"]),
      // Senders that end counted messages all the same, within the count and behind it.
      ("6 <1>ab\n5 <1>cd\n\n<1>ef\r\n", ["<1>ab", "<1>cd", "<1>ef"]),
      ("<1>ab\0<1>cd\0\n<1>ef\r\n\0", ["<1>ab", "<1>cd", "<1>ef"]),
      ("\n\r\n\0\n", []),
      ("", []),
      // The last line does not end.
      ("<1>ab\n<1>cd", ["<1>ab", "<1>cd"]),
      ("<1>ab\n<1>cd\r", ["<1>ab", "<1>cd"]),
      // The last counted message is not whole.
      ("9 <1>ab", ["<1>ab…"]),
      // No count: it is not followed by a message, or is none at all.
      ("12 monkeys\n7\n0 <1>x\n", ["12 monkeys", "7", "0 <1>x"]),
      ("12345678901 <1>ab\n", ["12345678901 <1>ab"]),
      ("12<1>ab\n", ["12<1>ab"]),
      ("77", ["77"]),
      ("text without anything\n more\n", ["text without anything", " more"]),
    ])
  func framing(text: String, expected: [String]) { #expect(syslogMessages(in: text) == expected) }

  @Test("messages are the same wherever the bytes are split")
  func split() {
    let text = Array("<1>ab\n17 <34>1 - - - - - x<13>é\r\n\0\n12 monkeys\n5 <1>cd3 <9><1>last".utf8)
    let whole = syslogMessages(in: [text])
    #expect(whole == ["<1>ab", "<34>1 - - - - - x", "<13>é", "12 monkeys", "<1>cd", "<9>", "<1>last"])
    for first in 0...text.count {
      for second in first...text.count {
        #expect(
          syslogMessages(in: [Array(text[..<first]), Array(text[first..<second]), Array(text[second...])]) == whole)
      }
    }
    #expect(syslogMessages(in: text.map { [$0] }) == whole)
  }

  @Test("a message over the limit is cut, and what follows it is found", arguments: [1, 2, 3, 7, 100])
  func cut(piece: Int) {
    let text = Array("14 <1>23456789012<1>b\n<1>456789012345\r\n5 <1>cd10 <1>4567890<1>4567890\n".utf8)
    let pieces = stride(from: 0, to: text.count, by: piece).map { Array(text[$0..<min($0 + piece, text.count)]) }
    #expect(
      syslogMessages(in: pieces, maximum: 10)
        == ["<1>2345678…", "<1>b", "<1>4567890…", "<1>cd", "<1>4567890", "<1>4567890"])
  }

  @Test("the rest of a message that was cut is no message when the stream ends")
  func cutAtEnd() {
    #expect(syslogMessages(in: "99 <1>2345678901", maximum: 10) == ["<1>2345678…"])
    #expect(syslogMessages(in: "<1>2345678901", maximum: 10) == ["<1>2345678…"])
  }

  @Test("random bytes are framed within bounds, and alike in any pieces", arguments: 0..<50)
  func random(seed: UInt64) {
    var random = Seeded(seed)
    let alphabet = Array("0123 <>\n\r\0[]x".utf8) + [0xFF]
    let bytes = (0..<400).map { _ in alphabet.randomElement(using: &random) ?? 0 }
    let whole = syslogMessages(in: [bytes], maximum: 20)
    #expect(whole.allSatisfy { !$0.isEmpty })
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...30, using: &random)
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    #expect(syslogMessages(in: pieces, maximum: 20) == whole)
  }
}

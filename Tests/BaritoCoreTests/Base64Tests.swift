import BaritoCore
import FoundationEssentials
import Testing

@Suite struct Base64Tests {
  @Test("encodes and decodes as Foundation does", arguments: 0..<70)
  func oracle(_ count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    let text = Data(bytes).base64EncodedString()
    #expect(Base64.encode(bytes) == text)
    #expect(Base64.decode(text.utf8) == bytes)
    #expect(Base64.decode(text.utf8.filter { $0 != UInt8(ascii: "=") }) == bytes)
  }

  @Test(
    "what is no base64 is not guessed at",
    arguments: ["a", "a===", "ab=", "abc==", "ab=c", "ab c", "a-_b", "ab==c", "aB=="])
  func refused(_ text: String) { #expect(Base64.decode(text.utf8) == nil) }
}

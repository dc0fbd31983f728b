import Cryptography
import Testing

@Suite struct EncodingTests {
  @Test(
    "base64url has the spelling of RFC 4648 without padding",
    arguments: [
      ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
      ("foobar", "Zm9vYmFy"),
    ])
  func knownAnswers(plain: String, encoded: String) {
    #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
    #expect(Base64URL.decode(encoded) == Array(plain.utf8))
  }

  @Test("any bytes survive base64url and hex")
  func roundTrip() {
    #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
    for length in 0..<70 {
      let bytes = randomBytes(length)
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }
  }

  @Test(
    "base64url refuses what it would not write",
    arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n", "Zm9vY", "é"])
  func notBase64URL(text: String) { #expect(Base64URL.decode(text) == nil) }

  @Test("hex refuses odd lengths and other characters", arguments: ["a", "abc", "0x", "zz", "a ", "é"])
  func notHex(text: String) { #expect(Hex.decode(text) == nil) }
}

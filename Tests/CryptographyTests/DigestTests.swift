import Cryptography
import Testing

@Suite struct DigestTests {
  @Test(
    "SHA-256 gives the answers of its specification",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func knownAnswers(text: String, hex: String) {
    #expect(SHA256Digest(of: text).hex == hex)
    #expect(Hex.encode(SHA256.hash(Array(text.utf8))) == hex)
    #expect(SHA256Digest(hex: hex) == SHA256Digest(of: Array(text.utf8)))
    #expect(SHA256Digest(hex: hex.uppercased()) == SHA256Digest(of: text))
  }

  @Test("a digest is a dictionary key and survives bytes and hex")
  func dictionaryKey() {
    let digests = (0..<100).map { SHA256Digest(of: "secret \($0)") }
    let apps = Dictionary(uniqueKeysWithValues: zip(digests, 0..<100))
    for (index, digest) in digests.enumerated() {
      #expect(apps[digest] == index)
      #expect(SHA256Digest(bytes: digest.bytes) == digest)
    }
    #expect(apps[SHA256Digest(of: "another")] == nil)
  }

  @Test(
    "a malformed digest is refused",
    arguments: [
      "", "ab", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
      "g" + String(repeating: "0", count: 63),
    ])
  func malformed(hex: String) { #expect(SHA256Digest(hex: hex) == nil) }

  @Test("HMAC-SHA-256 gives the answers of RFC 4231, and takes an empty key")
  func hmac() {
    let code = HMAC.sha256(key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8))
    #expect(Hex.encode(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let empty = HMAC.sha256(key: [], message: [])
    #expect(Hex.encode(empty) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    #expect(HMAC.isValid(code, key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8)))
    #expect(!HMAC.isValid(code, key: Array("jefe".utf8), message: Array("what do ya want for nothing?".utf8)))
  }

  @Test("constant-time equality is equality")
  func constantTime() {
    #expect(constantTimeEquals([], []))
    #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
    #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
    #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
    #expect(!constantTimeEquals([], [0]))
  }

  @Test("random bytes have the length asked for and do not repeat")
  func random() {
    #expect(randomBytes(0) == [])
    let values = Set((0..<1000).map { _ in randomBytes(32) })
    #expect(values.count == 1000)
    #expect(values.allSatisfy { $0.count == 32 })
  }
}

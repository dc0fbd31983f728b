import Cryptography
import Testing

@Suite struct PasswordHashTests {
  private static let cheap = ScryptParameters(cost: 16, blockSize: 8, parallelism: 1)

  @Test("scrypt gives the answers of RFC 7914")
  func knownAnswers() throws {
    let empty = try #require(
      scrypt(
        password: [], salt: [], parameters: ScryptParameters(cost: 16, blockSize: 1, parallelism: 1), length: 64))
    #expect(
      Hex.encode(empty)
        == "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
        + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")
    let nacl = try #require(
      scrypt(
        password: Array("password".utf8), salt: Array("NaCl".utf8),
        parameters: ScryptParameters(cost: 1024, blockSize: 8, parallelism: 16), length: 64))
    #expect(
      Hex.encode(nacl)
        == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")
  }

  @Test("only the right password verifies, also after storing", arguments: ["correct horse", "", "pä$$wörd", "🗝️"])
  func verify(password: String) throws {
    let hash = PasswordHash(password: password, parameters: Self.cheap)
    let stored = try #require(PasswordHash(encoded: hash.encoded))
    #expect(stored == hash)
    #expect(stored.verify(password))
    #expect(!stored.verify(password + " "))
    #expect(!stored.verify("wrong"))
  }

  @Test("the same password hashes to different texts, and no hash shows in descriptions")
  func salted() {
    let first = PasswordHash(password: "same", parameters: Self.cheap)
    let second = PasswordHash(password: "same", parameters: Self.cheap)
    #expect(first.encoded != second.encoded)
    #expect(first.encoded.hasPrefix("scrypt$16$8$1$"))
    let secret = String(first.encoded.split(separator: "$")[5])
    #expect(!"\(first)".contains(secret))
    #expect(!String(reflecting: first).contains(secret))
  }

  @Test("the default parameters hash and verify")
  func defaults() {
    let hash = PasswordHash(password: "market")
    #expect(hash.encoded.hasPrefix("scrypt$32768$8$3$"))
    #expect(hash.verify("market"))
  }

  @Test(
    "a stored hash that is malformed or unaffordable is refused",
    arguments: [
      "", "scrypt", "bcrypt$16$8$1$AAAA$AAAA", "scrypt$15$8$1$AAAA$", "scrypt$16$8$1$AAAA$AAAA",
      "scrypt$1073741824$8$1$AAAA$47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
      "scrypt$16$8$1000000$AAAA$47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
      "scrypt$-16$8$1$AAAA$47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
      "scrypt$16$8$1$AA=A$47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
      "scrypt$16$8$1$AAAA$47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU$",
    ])
  func refused(encoded: String) { #expect(PasswordHash(encoded: encoded) == nil) }

  @Test("scrypt refuses parameters that are no power of two or too large")
  func refusedParameters() {
    for parameters in [
      ScryptParameters(cost: 0, blockSize: 8, parallelism: 1), ScryptParameters(cost: 1, blockSize: 8, parallelism: 1),
      ScryptParameters(cost: 100, blockSize: 8, parallelism: 1),
      ScryptParameters(cost: 1 << 20, blockSize: 64, parallelism: 1),
      ScryptParameters(cost: 16, blockSize: Int.max, parallelism: 1),
    ] { #expect(scrypt(password: [1], salt: [1], parameters: parameters) == nil) }
  }
}

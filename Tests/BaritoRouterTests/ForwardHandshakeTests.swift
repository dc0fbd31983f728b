import BaritoCore
import BaritoService
import Cryptography
import Testing

@testable import BaritoRouter

@Suite struct ForwardHandshakeTests {
  private let handshake = ForwardHandshake(nonce: Array("nonce".utf8), passwordSalt: Array("salt".utf8))

  private func digest(_ parts: String...) -> [UInt8] {
    Array(Hex.encode(SHA512.hash(parts.flatMap { Array($0.utf8) })).utf8)
  }

  private func ping(
    user: String = "the-secret", key: String = "the-secret", password: String = "the-secret", host: String = "web1"
  ) -> ForwardPing {
    ForwardPing(
      hostname: Array(host.utf8), salt: Array("pepper".utf8), sharedKeyDigest: digest("pepper", host, "nonce", key),
      username: Array(user.utf8), passwordDigest: digest("salt", user, password))
  }

  /// SHA-512 of "abc", from FIPS 180-4's examples.
  @Test("the hash is SHA-512")
  func sha512() {
    #expect(
      Hex.encode(SHA512.hash(Array("abc".utf8)))
        == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        + "454d4423643ce80e2a9ac94fa54ca49f")
  }

  @Test("a sender that proves the secret is told that the Router knows it too")
  func welcome() throws {
    let (credentials, pong) = try handshake.check(ping()).get()
    #expect(credentials == .app(SecretHash(of: "the-secret")))
    var reader = MessagePackReader(pong.span)
    #expect(try reader.array(in: pong.span) == 5)
    var texts: [String] = []
    for place in 0..<5 {
      if place == 1 {
        #expect(try reader.next(in: pong.span) == .bool(true))
      } else {
        texts.append(String(decoding: pong[try reader.text(in: pong.span)], as: UTF8.self))
      }
    }
    #expect(texts[..<3] == ["PONG", "", "barito-router"])
    #expect(Array(texts[3].utf8) == digest("pepper", "barito-router", "nonce", "the-secret"))
    // A sender of the same name would refuse to talk.
    #expect(try handshake.check(ping(host: "barito-router")).get().pong != pong)
  }

  @Test("a group's secret comes with the app's name before it")
  func group() throws {
    let credentials = try handshake.check(ping(user: "My App:the-secret")).get().credentials
    #expect(credentials == .group(SecretHash(of: "the-secret"), appName: "My App"))
  }

  @Test("a sender that proves another secret, or none, is told which setting is wrong")
  func failures() {
    func failure(_ ping: ForwardPing) -> ForwardHandshake.Failure? {
      guard case .failure(let failure) = handshake.check(ping) else { return nil }
      return failure
    }
    #expect(failure(ping(user: "")) == .noUser)
    #expect(failure(ping(key: "another")) == .sharedKey)
    #expect(failure(ping(password: "another")) == .password)
    var bare = ping()
    bare.sharedKeyDigest = []
    #expect(failure(bare) == .sharedKey)
    for failure in ForwardHandshake.Failure.allCases { #expect(failure.rawValue.contains("set ")) }
  }
}

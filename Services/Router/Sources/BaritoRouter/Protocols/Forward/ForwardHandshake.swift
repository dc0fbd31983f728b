import BaritoCore
import BaritoService
import Cryptography

/// The greeting of one connection, and the check of its answer. Pure, once its salts are drawn.
///
/// Both sides prove that they know the shared key, and the sender its password: here both are the secret that the sender
/// names as its user, because the platform keeps only the hashes of secrets.
struct ForwardHandshake {
  /// Hexadecimal digits: every client reads them as text and as bytes alike.
  let nonce: [UInt8]
  let passwordSalt: [UInt8]

  init() {
    nonce = Array(Hex.encode(randomBytes(16)).utf8)
    passwordSalt = Array(Hex.encode(randomBytes(16)).utf8)
  }

  init(nonce: [UInt8], passwordSalt: [UInt8]) {
    self.nonce = nonce
    self.passwordSalt = passwordSalt
  }

  /// `["HELO", {"nonce", "auth", "keepalive"}]`.
  var helo: [UInt8] {
    var writer = MessagePackWriter()
    writer.array(2)
    writer.string("HELO")
    writer.map(3)
    writer.string("nonce")
    writer.string(utf8: nonce.span)
    writer.string("auth")
    writer.string(utf8: passwordSalt.span)
    writer.string("keepalive")
    writer.bool(true)
    return writer.bytes
  }

  /// Why a sender is not who it says.
  enum Failure: String, Error, Sendable, CaseIterable {
    case noUser = "no username was sent; set username, password and shared_key to the app's secret"
    case sharedKey = "shared_key is not the secret that username is; set both to the app's secret"
    case password = "password is not the secret that username is; set both to the app's secret"
  }

  /// Checks what can be checked without knowing apps.
  /// - Returns: the sender's credentials, to be admitted, and the answer to one that is.
  func check(_ ping: ForwardPing) -> Result<(credentials: Credentials, pong: [UInt8]), Failure> {
    guard !ping.username.isEmpty else { return .failure(.noUser) }
    // `NAME:SECRET` names an app of a group.
    let colon = ping.username.firstIndex(of: UInt8(ascii: ":"))
    let secret = Array(ping.username[(colon.map { $0 + 1 } ?? 0)...])
    let sharedKey = Hex.encode(SHA512.hash(ping.salt + ping.hostname + nonce + secret))
    guard constantTimeEquals(Array(sharedKey.utf8), ping.sharedKeyDigest) else { return .failure(.sharedKey) }
    let password = Hex.encode(SHA512.hash(passwordSalt + ping.username + secret))
    guard constantTimeEquals(Array(password.utf8), ping.passwordDigest) else { return .failure(.password) }
    // A sender refuses to talk to one of its own name.
    let hostname = ping.hostname.elementsEqual("barito-router".utf8) ? "barito" : "barito-router"
    let digest = Hex.encode(SHA512.hash(ping.salt + Array(hostname.utf8) + nonce + secret))
    return .success(
      (
        ForwardCredentials.read(ping.username.span),
        ForwardHandshake.pong(isWelcome: true, reason: "", hostname: hostname, digest: digest)
      ))
  }

  /// The answer to a sender that is refused.
  static func pong(refusing reason: String) -> [UInt8] {
    pong(isWelcome: false, reason: reason, hostname: "", digest: "")
  }

  private static func pong(isWelcome: Bool, reason: String, hostname: String, digest: String) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.array(5)
    writer.string("PONG")
    writer.bool(isWelcome)
    writer.string(reason)
    writer.string(hostname)
    writer.string(digest)
    return writer.bytes
  }
}

internal import BaritoCore
internal import Cryptography

/// Values that prove who one is: 256 bits of chance with a prefix that says what they are for, so that a leak is found
/// by a search. Only their hash is kept.
enum Token {
  static let secretPrefix = "brs_"
  static let groupSecretPrefix = "brg_"
  static let apiPrefix = "brt_"

  /// A fresh one.
  static func make(_ prefix: String = "") -> String { prefix + Base64URL.encode(randomBytes(32)) }

  /// What is kept of it.
  static func hash(_ value: String) -> SecretHash {
    guard let hash = SecretHash(bytes: SHA256Digest(of: value).bytes) else { fatalError("SHA-256 has 32 bytes") }
    return hash
  }

  /// Whether both texts are the same, in a time that tells nothing of where they differ or how long they are.
  static func equal(_ left: String, _ right: String) -> Bool {
    constantTimeEquals(SHA256Digest(of: left).bytes, SHA256Digest(of: right).bytes)
  }
}

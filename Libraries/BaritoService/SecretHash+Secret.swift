public import BaritoCore
import Cryptography

extension SecretHash {
  /// The hash of a secret as people hold it.
  public init(of secret: String) {
    guard let hash = SecretHash(bytes: SHA256Digest(of: secret).bytes) else {
      preconditionFailure("a SHA-256 is 32 bytes")
    }
    self = hash
  }
}

import CCrypto

/// The SHA-256 hash function.
public enum SHA256 {
  /// Returns the 32 bytes of the hash.
  public static func hash(_ bytes: Span<UInt8>) -> [UInt8] { SHA256Digest(of: bytes).bytes }

  /// Returns the 32 bytes of the hash.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }

  /// Fetched once: an implicit fetch on every call costs more than the hash of a short input. An `EVP_MD` is
  /// reference counted and immutable once fetched.
  static let algorithm = Algorithm()

  /// The box of the fetched algorithm. OpenSSL documents that an `EVP_MD` may be shared between threads.
  final class Algorithm: @unchecked Sendable {
    let raw: OpaquePointer

    init() {
      guard let raw = EVP_MD_fetch(nil, "SHA256", nil) else {
        fatalError("libcrypto offers no SHA-256: its configuration (openssl.cnf) disables the default provider")
      }
      self.raw = raw
    }
  }
}

import CCrypto

/// A SHA-256 hash as a plain value: no allocation, cheap to compare, a good dictionary key.
///
/// Equality is not constant time. That is right for looking up the hash of a secret, where an attacker cannot choose
/// the hash; compare message authentication codes with `constantTimeEquals`.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0

  /// Hashes `bytes`.
  public init(of bytes: Span<UInt8>) {
    let hashed = withUnsafeMutableBytes(of: &self) { digest in
      bytes.withUnsafeBytes { input in
        EVP_Digest(input.baseAddress, input.count, digest.baseAddress, nil, SHA256.algorithm.raw, nil)
      }
    }
    precondition(hashed == 1, "libcrypto could not hash: out of memory")
  }

  /// Hashes `bytes`.
  public init(of bytes: [UInt8]) { self.init(of: bytes.span) }

  /// Hashes the UTF-8 of `text`.
  public init(of text: String) { self.init(of: Array(text.utf8)) }

  /// Takes the 32 bytes of a hash as they are; nil for any other length.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: bytes) }
  }

  /// Takes 64 hexadecimal digits of either case; nil for anything else.
  public init?(hex: String) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// The 32 bytes of the hash.
  public var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }

  /// 64 lowercase hexadecimal digits.
  public var hex: String { Hex.encode(bytes) }

  /// The same as `hex`.
  public var description: String { hex }
}

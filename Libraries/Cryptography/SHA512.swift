import CCrypto

/// The SHA-512 hash function.
public enum SHA512 {
  /// Returns the 64 bytes of the hash.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 64) { digest, count in
      let hashed = EVP_Digest(bytes, bytes.count, digest.baseAddress, nil, EVP_sha512(), nil)
      precondition(hashed == 1, "libcrypto could not hash: out of memory")
      count = 64
    }
  }
}

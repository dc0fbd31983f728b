import CCrypto

/// Message authentication codes keyed with a secret.
public enum HMAC {
  /// Returns the 32 bytes of HMAC-SHA-256. Compare them with `constantTimeEquals`.
  public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    // With an empty key `HMAC` reads a null pointer as "the key of before": it must see an address.
    let keyStorage = key.isEmpty ? [0] : key
    return [UInt8](unsafeUninitializedCapacity: 32) { code, count in
      let made = CCrypto.HMAC(
        SHA256.algorithm.raw, keyStorage, Int32(key.count), message, message.count, code.baseAddress, nil)
      precondition(made != nil, "libcrypto could not authenticate a message: out of memory")
      count = 32
    }
  }

  /// Whether `code` authenticates `message`, in a time that does not depend on where they differ.
  public static func isValid(_ code: [UInt8], key: [UInt8], message: [UInt8]) -> Bool {
    constantTimeEquals(code, sha256(key: key, message: message))
  }
}

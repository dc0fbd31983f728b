import CCrypto

/// How much work one scrypt hash is. Memory is `128 * blockSize * cost` bytes, time grows with all three.
public struct ScryptParameters: Hashable, Sendable {
  /// N: a power of two over 1.
  public var cost: Int
  /// r: multiplies memory and time.
  public var blockSize: Int
  /// p: multiplies time.
  public var parallelism: Int

  /// Parameters as the algorithm names them.
  public init(cost: Int, blockSize: Int, parallelism: Int) {
    self.cost = cost
    self.blockSize = blockSize
    self.parallelism = parallelism
  }

  /// N = 2^15, r = 8, p = 3: 32 MiB and some 200 ms of one core; among the equivalent choices of OWASP's guide.
  public static let interactive = Self(cost: 1 << 15, blockSize: 8, parallelism: 3)

  /// Bounds what a stored hash may ask of this process: 256 MiB of memory, 16 times in sequence.
  var isAffordable: Bool {
    cost > 1 && cost & (cost - 1) == 0 && cost <= 1 << 20 && (1...64).contains(blockSize)
      && (1...16).contains(parallelism) && memory <= 256 << 20
  }

  var memory: Int { 128 * blockSize * cost }
}

/// Derives `length` bytes from a password (RFC 7914).
///
/// Blocks the calling thread and burns a core for as long as `parameters` say: call it off the cooperative pool when
/// requests wait, and bound how many run at once.
/// - Returns: the derived key, or nil when `parameters` are malformed or ask for more than 256 MiB.
public func scrypt(
  password: [UInt8], salt: [UInt8], parameters: ScryptParameters, length: Int = 32
) -> [UInt8]? {
  guard parameters.isAffordable, length > 0 else { return nil }
  var derived = false
  let key = [UInt8](unsafeUninitializedCapacity: length) { key, count in
    derived = password.withUnsafeBytes { password in
      // A null password means "only check the parameters" to libcrypto, so an empty one must have an address.
      withUnsafePointer(to: 0 as CChar) { empty in
        EVP_PBE_scrypt(
          password.isEmpty ? empty : password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt,
          salt.count, UInt64(parameters.cost), UInt64(parameters.blockSize), UInt64(parameters.parallelism),
          UInt64(parameters.memory + (16 << 20)), key.baseAddress, length) == 1
      }
    }
    count = derived ? length : 0
  }
  return derived ? key : nil
}

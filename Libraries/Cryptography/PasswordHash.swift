/// A password as it is stored: `scrypt$N$r$p$salt$hash`, salt and hash in base64url.
///
/// The parameters travel with the hash, so they can be raised later without breaking stored ones.
public struct PasswordHash: Hashable, Sendable {
  /// The work that `verify` does.
  public let parameters: ScryptParameters
  private let salt: [UInt8]
  private let hash: [UInt8]

  /// Hashes `password` under a fresh random salt.
  ///
  /// Blocks for the cost of `parameters` (some 200 ms and 32 MiB by default): not for the cooperative pool.
  public init(password: String, parameters: ScryptParameters = .interactive) {
    let salt = randomBytes(16)
    guard let hash = scrypt(password: Array(password.utf8), salt: salt, parameters: parameters) else {
      preconditionFailure("scrypt parameters \(parameters) are malformed, or memory is short")
    }
    self.parameters = parameters
    self.salt = salt
    self.hash = hash
  }

  /// Reads a stored hash; nil when it is malformed or would cost more than 256 MiB to verify.
  public init?(encoded: String) {
    let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "scrypt",
      let cost = Int(parts[1]), let blockSize = Int(parts[2]), let parallelism = Int(parts[3]),
      let salt = Base64URL.decode(String(parts[4])), let hash = Base64URL.decode(String(parts[5])), hash.count == 32
    else { return nil }
    parameters = ScryptParameters(cost: cost, blockSize: blockSize, parallelism: parallelism)
    guard parameters.isAffordable else { return nil }
    self.salt = salt
    self.hash = hash
  }

  /// The text to store.
  public var encoded: String {
    let numbers = "\(parameters.cost)$\(parameters.blockSize)$\(parameters.parallelism)"
    return "scrypt$\(numbers)$\(Base64URL.encode(salt))$\(Base64URL.encode(hash))"
  }

  /// Whether `password` is the one that was hashed; compares in constant time.
  ///
  /// Blocks for the cost of `parameters`, right or wrong. For an unknown user verify against some other hash, so that
  /// the answer does not come sooner.
  public func verify(_ password: String) -> Bool {
    guard
      let candidate = scrypt(
        password: Array(password.utf8), salt: salt, parameters: parameters, length: hash.count)
    else { return false }
    return constantTimeEquals(candidate, hash)
  }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
  /// Without salt and hash: stored hashes do not belong in logs.
  public var description: String { "PasswordHash(\(parameters))" }

  /// Without salt and hash.
  public var customMirror: Mirror { Mirror(self, children: ["parameters": parameters]) }
}

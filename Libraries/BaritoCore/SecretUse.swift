/// That a secret let a sender in, and when.
public struct SecretUse: Codable, Sendable, Equatable {
  public var secret: SecretHash
  /// In milliseconds since 1970, to some seconds.
  public var at: Int64

  public init(_ secret: SecretHash, at: Int64) {
    self.secret = secret
    self.at = at
  }

  enum CodingKeys: String, CodingKey {
    case secret = "sha256"
    case at = "at_ms"
  }
}

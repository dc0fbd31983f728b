/// Why bytes could not be inflated.
public struct CompressionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The closed set of reasons.
  public enum Code: String, Sendable {
    /// The content is larger than the caller's limit.
    case tooLarge
    /// The content is not of the format, fails its checksum, or is followed by something else.
    case corrupt
    /// The content ends early. A cut inside deflated data cannot be told from damage and is `corrupt`.
    case truncated
  }

  /// What a caller should do about an error.
  public enum Disposition: Sendable {
    /// The same bytes will never inflate.
    case reject
  }

  /// The reason.
  public let code: Code
  /// What could not be inflated and why, for people; it holds nothing of the content.
  public let detail: String

  /// Always `reject`.
  public var disposition: Disposition { .reject }

  /// The detail.
  public var description: String { detail }
}

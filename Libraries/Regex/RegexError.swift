/// Why a pattern cannot be used, or why it was stopped.
public struct RegexError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Bounded: a metric label.
  public enum Code: String, Sendable, CaseIterable {
    /// The pattern is no regular expression.
    case syntax
    /// The pattern is longer than ``RegularExpression/maximumLength``.
    case tooLong
    /// Matching took more steps or memory than a pattern may.
    case tooExpensive
    /// The library failed otherwise.
    case other
  }

  /// What the caller may do about it.
  public enum Disposition: Sendable {
    /// The pattern must change.
    case reject
    /// Nothing helps.
    case fatal
  }

  public var code: Code
  /// What is wrong, for the person who wrote the pattern.
  public var detail: String
  /// Byte of the pattern at which it went wrong; nil where no place is to blame.
  public var offset: Int?

  public var disposition: Disposition { code == .other ? .fatal : .reject }

  public var description: String { detail }
}

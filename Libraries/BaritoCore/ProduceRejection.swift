/// Why a request's body is refused whole. Nothing of it is stored, and sending it again unchanged cannot help.
public struct ProduceRejection: Error, Sendable, Equatable, CustomStringConvertible {
  /// The bounded reason: a metric label, a problem document's code.
  public enum Code: String, Sendable, CaseIterable {
    /// The body, or a line of it, is not JSON.
    case malformed
    /// The body is no object, or has no array `items`, or has it twice.
    case noItems = "no_items"
    /// A document would be larger than allowed.
    case lineTooLarge = "line_too_large"
    /// There are more items than allowed.
    case tooManyItems = "too_many_items"
  }

  /// Where in the body something is wrong.
  public enum Place: Sendable, Equatable, CustomStringConvertible {
    case body
    /// An element of `items`, from 0.
    case item(Int)
    /// A line of NDJSON, from 1, blank lines counted.
    case line(Int)

    public var description: String {
      switch self {
      case .body: "the body"
      case .item(let index): "items[\(index)]"
      case .line(let number): "line \(number)"
      }
    }
  }

  public var code: Code
  public var place: Place
  /// Index of the byte of the body where it goes wrong.
  public var offset: Int
  /// What is wrong and how to mend it, with the place and the limit in it.
  public var detail: String

  public init(_ code: Code, in place: Place, at offset: Int, _ detail: String) {
    self.code = code
    self.place = place
    self.offset = offset
    self.detail = detail
  }

  public var description: String { detail }
}

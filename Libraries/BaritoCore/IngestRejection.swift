/// Why a request's body is refused whole. Nothing of it is stored, and sending it again unchanged cannot help.
public struct IngestRejection: Error, Sendable, Equatable, CustomStringConvertible {
  /// The bounded reason: a metric label, a problem document's code.
  public enum Code: String, Sendable, CaseIterable {
    /// The body, or a line of it, is not JSON.
    case malformed
    /// The body is well formed and not what its path takes, such as an object without an array `items`.
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
    /// A line of text, from 1, blank lines counted.
    case line(Int)
    /// A log record of a protocol that has them inside other things, from 0.
    case record(Int)

    public var description: String {
      switch self {
      case .body: "the body"
      case .item(let index): "items[\(index)]"
      case .line(let number): "line \(number)"
      case .record(let index): "record \(index)"
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

  /// A place that holds no JSON.
  public init(_ error: JSONError, in place: Place) {
    self.init(
      .malformed, in: place, at: error.offset,
      "\(place) is not valid JSON at byte \(error.offset) of the body: \(error.reason)")
  }

  /// A place that holds no protobuf.
  public init(_ error: ProtobufError, in place: Place) {
    self.init(
      .malformed, in: place, at: error.offset,
      "\(place) is not valid protobuf at byte \(error.offset) of the body: \(error.reason)")
  }

  /// A document that goes beyond a limit; nil for one that was taken.
  public init?(
    _ outcome: DocumentBatchWriter.Outcome, _ limits: DocumentBatch.Limits, in place: Place, at offset: Int
  ) {
    switch outcome {
    case .taken: return nil
    case .tooLarge(let size):
      self.init(
        .lineTooLarge, in: place, at: offset,
        "\(place) makes a document of \(size) bytes; the limit is \(limits.documentBytes): shorten it or split it")
    case .tooMany:
      self.init(
        .tooManyItems, in: place, at: offset,
        "\(place) goes beyond the limit of \(limits.items) items"
          + (limits.bytes < .max ? ", or of \(limits.bytes) bytes of documents," : "")
          + " in a request: send smaller batches")
    }
  }

  public var description: String { detail }
}

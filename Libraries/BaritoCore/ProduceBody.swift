/// The documents of one request to the Router, framed in one arena.
public struct ProduceBody: Sendable {
  /// What a body may look like.
  public enum Format: Sendable, CaseIterable {
    /// One JSON value: one line.
    case single
    /// `{"items":[…]}`: a line an element. Other members are checked and ignored.
    case items
    /// A JSON value on each line that is not blank.
    case ndjson
  }

  /// What a body may hold.
  public struct Limits: Sendable, Equatable {
    /// Bytes of one document, its `@timestamp` included.
    public var documentBytes: Int
    /// Documents in one body.
    public var items: Int
    /// Arrays and objects inside each other, a batch's own two included.
    public var depth: Int

    public init(documentBytes: Int, items: Int, depth: Int = JSONScanner.defaultMaximumDepth) {
      self.documentBytes = documentBytes
      self.items = items
      self.depth = depth
    }
  }

  /// Every document, one after another.
  public internal(set) var bytes: [UInt8]
  /// Where each document stands in `bytes`: a JSON object on one line, without the line's end.
  public internal(set) var documents: [Range<Int>] = []
  /// Documents that got their `@timestamp` from the Router, wrapped ones included.
  public internal(set) var stamped = 0
  /// Documents made of something that was no object.
  public internal(set) var wrapped = 0
  /// U+FFFD put in place of bytes that are not UTF-8.
  public internal(set) var repairs = 0

  /// Checks a whole body and frames its documents. A batch without items is a body without documents.
  ///
  /// - Parameters:
  ///   - body: the request's body, decompressed.
  ///   - receivedAt: the `@timestamp` of lines that have none.
  public init(
    _ body: Span<UInt8>, as format: Format, receivedAt: Timestamp, limits: Limits
  ) throws(ProduceRejection) {
    // Room for the timestamps too, so that the arena seldom grows.
    var reader = ProduceBodyReader(
      framer: LineFramer(receivedAt: receivedAt), limits: limits, capacity: body.count + body.count / 4 + 64)
    self = try reader.read(body, as: format)
  }

  init(capacity: Int) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }
}

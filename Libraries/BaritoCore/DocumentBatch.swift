/// The documents of one request, framed in one arena.
public struct DocumentBatch: Sendable {
  /// What one request may hold.
  public struct Limits: Sendable, Equatable {
    /// Bytes of one document, its `@timestamp` included.
    public var documentBytes: Int
    /// Documents in one request.
    public var items: Int
    /// Arrays and objects inside each other, a batch's own included.
    public var depth: Int
    /// Bytes of all documents. A body that says once what belongs to many lines becomes more than it was.
    public var bytes: Int

    public init(
      documentBytes: Int, items: Int, depth: Int = JSONScanner.defaultMaximumDepth, bytes: Int = .max
    ) {
      self.documentBytes = documentBytes
      self.items = items
      self.depth = depth
      self.bytes = bytes
    }
  }

  /// Every document, one after another.
  public internal(set) var bytes: [UInt8]
  /// Where each document stands in `bytes`: a JSON object on one line, without the line's end.
  public internal(set) var documents: [Range<Int>] = []
  /// The ids that the sender gave to documents, by place; empty when it gave none.
  public internal(set) var ids: [SenderID?] = []
  /// Documents that got their `@timestamp` from the Router, wrapped ones included.
  public internal(set) var stamped = 0
  /// Documents made of something that was no object.
  public internal(set) var wrapped = 0
  /// Lines that were left out while the others were taken, by the reason.
  public internal(set) var refused: [IngestRejection.Code: Int] = [:]
  /// U+FFFD put in place of bytes that are not UTF-8.
  public internal(set) var repairs = 0

  /// Nothing.
  public static let empty = DocumentBatch(capacity: 0)

  init(capacity: Int) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }
}

/// Fills a batch, document by document, within its limits.
///
/// A document is either framed from JSON that is there (`append`), or written by the caller between `open` and `close`.
/// What goes beyond a limit leaves no trace in the batch.
public struct DocumentBatchWriter: Sendable {
  /// What became of a document.
  public enum Outcome: Sendable, Equatable {
    case taken
    /// It would have so many bytes.
    case tooLarge(Int)
    /// The batch is full: it has as many documents, or as many bytes, as it may.
    case tooMany
  }

  public let limits: DocumentBatch.Limits
  /// The `@timestamp` of documents that have none.
  public let receivedAt: Timestamp
  /// What was taken so far.
  public private(set) var batch: DocumentBatch
  private let framer: LineFramer

  /// - Parameter capacity: bytes that the documents will probably have.
  public init(receivedAt: Timestamp, limits: DocumentBatch.Limits, capacity: Int) {
    self.limits = limits
    self.receivedAt = receivedAt
    framer = LineFramer(receivedAt: receivedAt)
    batch = DocumentBatch(capacity: capacity)
  }

  /// Documents taken so far.
  public var count: Int { batch.documents.count }

  /// Takes the JSON value at the scanner's position as a document and moves behind it. After `tooMany` nothing more is
  /// taken. Where it throws, nothing was taken.
  ///
  /// - Parameters:
  ///   - id: what the sender calls the document; nil for nothing. Its time is the document's own `@timestamp`.
  ///   - isWhole: whether nothing but white space may follow the value in `bytes`.
  public mutating func append(
    _ bytes: Span<UInt8>, with scanner: inout JSONScanner, id: String? = nil, isWhole: Bool = false
  ) throws(JSONError) -> Outcome {
    guard count < limits.items else { return .tooMany }
    let start = batch.bytes.count
    let framed: LineFramer.Framed
    do throws(JSONError) {
      framed = try framer.frame(bytes, with: &scanner, into: &batch.bytes)
      if isWhole { try scanner.end(in: bytes) }
    } catch {
      batch.bytes.removeSubrange(start...)
      throw error
    }
    let outcome = take(
      from: start,
      id.map { id in
        SenderID(id, time: framed.timestamp.flatMap { SenderID.time(of: $0, in: bytes, now: receivedAt) })
      })
    guard outcome == .taken else { return outcome }
    batch.repairs += framed.repairs
    if framed.outcome != .kept { batch.stamped += 1 }
    if framed.outcome == .wrapped { batch.wrapped += 1 }
    return .taken
  }

  /// Where a document that the caller writes begins. Write it to `output`, then call `close`.
  public var open: Int { batch.bytes.count }

  /// The arena: append to it only.
  public var output: [UInt8] {
    get { batch.bytes }
    _modify { yield &batch.bytes }
  }

  /// Takes what was written since `start`: one JSON object without line breaks.
  ///
  /// - Parameters:
  ///   - isStamped: whether its `@timestamp` is `receivedAt`.
  ///   - isWrapped: whether what came was no object.
  ///   - repairs: U+FFFD put in place of bytes that are not UTF-8.
  public mutating func close(
    _ start: Int, isStamped: Bool, isWrapped: Bool = false, repairs: Int = 0, id: SenderID? = nil
  ) -> Outcome {
    guard count < limits.items else {
      batch.bytes.removeSubrange(start...)
      return .tooMany
    }
    let outcome = take(from: start, id)
    guard outcome == .taken else { return outcome }
    batch.repairs += repairs
    if isStamped { batch.stamped += 1 }
    if isWrapped { batch.wrapped += 1 }
    return .taken
  }

  /// Counts a line that is left out while the others are taken, in a protocol whose answer can say so.
  public mutating func refuse(_ code: IngestRejection.Code) { batch.refused[code, default: 0] += 1 }

  /// Forgets what was written since `start`.
  public mutating func cancel(_ start: Int) { batch.bytes.removeSubrange(start...) }

  private mutating func take(from start: Int, _ id: SenderID?) -> Outcome {
    let size = batch.bytes.count - start
    guard size <= limits.documentBytes else {
      batch.bytes.removeSubrange(start...)
      return .tooLarge(size)
    }
    guard batch.bytes.count <= limits.bytes else {
      batch.bytes.removeSubrange(start...)
      return .tooMany
    }
    batch.documents.append(start..<batch.bytes.count)
    if id != nil || !batch.ids.isEmpty {
      if batch.ids.isEmpty { batch.ids = Array(repeating: nil, count: count - 1) }
      batch.ids.append(id)
    }
    return .taken
  }
}

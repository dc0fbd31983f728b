/// What the headers of a record say of it: the id that its sender gave the document, or its place in a batch that its
/// sender named. Such a record is known by that, wherever it lies, so that what was sent twice is one.
public struct SenderIdentity: Sendable, Hashable {
  /// The document's id. The sender's own wins over its place in a batch.
  public var id: DocumentID
  /// The batch's or the document's own time, in milliseconds since 1970; nil where only the record's is known.
  public var time: Int64?

  /// - Parameter header: gives the value of the record's first header of a name (`RecordHeader`).
  /// - Returns: nil unless the record has an id, or all headers of a named batch, well formed: else it is identified by
  ///   where it lies.
  public init?(header: (String) -> [UInt8]?) {
    func number(_ name: String) -> Int64? { header(name).flatMap { Int64(String(decoding: $0, as: UTF8.self)) } }
    let time = number(RecordHeader.batchTime).flatMap { $0 >= 0 && $0 <= Timestamp.latest.milliseconds ? $0 : nil }
    if let id = header(RecordHeader.documentID).flatMap({ DocumentID(sender: $0) }) {
      self.id = id
      self.time = time
      return
    }
    guard let name = header(RecordHeader.batchID), let batch = try? BatchID(name.span), let time,
      let item = number(RecordHeader.batchItem).flatMap({ Int32(exactly: $0) }), item >= 0
    else { return nil }
    id = DocumentID(batch: batch, time: time, item: item)
    self.time = time
  }
}

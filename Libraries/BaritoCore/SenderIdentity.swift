/// What the headers of a record say of it: its place in a batch that its sender named. Such a record is known by that,
/// wherever it lies, so that a batch that was sent twice is one.
public struct BatchItem: Sendable, Hashable {
  /// The document's id.
  public var id: DocumentID
  /// The batch's time, in milliseconds since 1970.
  public var time: Int64

  /// - Parameter header: gives the value of the record's first header of a name (`RecordHeader`).
  /// - Returns: nil unless the record has all headers of a named batch, well formed: else it is identified by where it
  ///   lies.
  public init?(header: (String) -> [UInt8]?) {
    func number(_ name: String) -> Int64? { header(name).flatMap { Int64(String(decoding: $0, as: UTF8.self)) } }
    guard let name = header(RecordHeader.batchID), let batch = try? BatchID(name.span),
      let time = number(RecordHeader.batchTime), time >= 0, time <= Timestamp.latest.milliseconds,
      let item = number(RecordHeader.batchItem).flatMap({ Int32(exactly: $0) }), item >= 0
    else { return nil }
    id = DocumentID(batch: batch, time: time, item: item)
    self.time = time
  }
}

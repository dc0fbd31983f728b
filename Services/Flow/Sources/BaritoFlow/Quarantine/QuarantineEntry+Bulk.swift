import BaritoCore
import Kafka

extension QuarantineEntry {
  /// The headers that say who a record is, and what its value is.
  private static let keptHeaders = [
    RecordHeader.batchID, RecordHeader.batchTime, RecordHeader.batchItem, RecordHeader.documentID,
    RecordHeader.messageFormat,
  ]

  static func headers(of record: RecordBatch.Record, in batch: RecordBatch) -> [Header] {
    guard record.hasHeaders else { return [] }
    return keptHeaders.compactMap { name in
      batch.header(name, of: record).map { Header(name: name, value: String(decoding: $0, as: UTF8.self)) }
    }
  }

  /// The index that keeps the entry: that of its document's day.
  var quarantineIndex: String { QuarantineEntry.indexPrefix + index }
}

extension BulkRequest {
  /// Adds an entry of the quarantine. It has its document's id, so that making it again finds it there.
  mutating func create(record: Int, _ entry: QuarantineEntry) {
    create(
      record: record, index: Array(entry.quarantineIndex.utf8), id: Array(entry.id.utf8), document: entry.document.span)
  }

  /// The id and the document of an item.
  func copy(_ item: Item) -> (id: String, bytes: [UInt8]) {
    let action = bytes.span.extracting(item.range.lowerBound..<item.range.lowerBound + item.actionCount - 1)
    let start = item.range.lowerBound + item.actionCount
    return (BulkRequest.id(ofAction: action) ?? "", Array(bytes[start..<item.range.upperBound - 1]))
  }

  /// Reads `{"create":{"_index":"…","_id":"…"}}`.
  private static func id(ofAction action: Span<UInt8>) -> String? {
    guard let create = try? JSONMembers.value(of: "create", inObjectAt: 0..<action.count, of: action),
      let id = try? JSONMembers.value(of: "_id", inObjectAt: create.range, of: action)
    else { return nil }
    return id.string(in: action)
  }

  /// A request of one entry of the quarantine with less of its bytes; nil where that would change nothing.
  func shortened(_ item: Item) -> BulkRequest? {
    let document = document(item)
    guard let source = try? JSONScanner.validate(document), let entry = QuarantineEntry(source, in: document),
      entry.raw.count > QuarantineEntry.shortenedBytes
    else { return nil }
    var request = BulkRequest()
    request.create(record: item.record, entry.shortened)
    return request
  }
}

import BaritoCore
import Kafka

/// Where a record's document lies in Elasticsearch: promise 2 in one place. Index and id are functions of the Kafka
/// record alone, so that indexing it again finds it there already.
struct DocumentAddress: Sendable, Equatable {
  var id: DocumentID
  /// Milliseconds since 1970 of the day in the index's name.
  var time: Int64

  init(_ record: RecordBatch.Record, in batch: RecordBatch) {
    if record.hasHeaders, let named = DocumentAddress(named: record, in: batch) {
      self = named
    } else {
      // A record without a timestamp has -1; the day must be one that exists, whatever the record says.
      time = min(max(record.timestamp, 0), Timestamp.latest.milliseconds)
      id = DocumentID(partition: record.partition, offset: record.offset, timestamp: record.timestamp)
    }
  }

  /// Nil unless the record has all headers of a named batch, well formed: else it is identified by where it lies.
  private init?(named record: RecordBatch.Record, in batch: RecordBatch) {
    func number(_ name: String) -> Int64? {
      batch.header(name, of: record).flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }
    guard let name = batch.header(RecordHeader.batchID, of: record), let id = try? BatchID(name.span),
      let time = number(RecordHeader.batchTime), time >= 0, time <= Timestamp.latest.milliseconds,
      let item = number(RecordHeader.batchItem).flatMap({ Int32(exactly: $0) }), item >= 0
    else { return nil }
    self.id = DocumentID(batch: id, time: time, item: item)
    self.time = time
  }
}

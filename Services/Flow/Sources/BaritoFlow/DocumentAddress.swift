import BaritoCore
import Kafka

/// Where a record's document lies in Elasticsearch: promise 2 in one place. Index and id are functions of the Kafka
/// record alone, so that indexing it again finds it there already.
struct DocumentAddress: Sendable, Equatable {
  var id: DocumentID
  /// Milliseconds since 1970 of the day in the index's name.
  var time: Int64

  init(_ record: RecordBatch.Record, in batch: RecordBatch) {
    // A record without a timestamp has -1; the day must be one that exists, whatever the record says.
    let recorded = min(max(record.timestamp, 0), Timestamp.latest.milliseconds)
    if record.hasHeaders, let sent = SenderIdentity(header: { batch.header($0, of: record) }) {
      id = sent.id
      time = sent.time ?? recorded
    } else {
      id = DocumentID(partition: record.partition, offset: record.offset, timestamp: record.timestamp)
      time = recorded
    }
  }
}

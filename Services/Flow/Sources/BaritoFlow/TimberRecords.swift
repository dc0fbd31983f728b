import BaritoCore
import Kafka

/// Records that the first Barito wrote: a protobuf `Timber`, or many in a `TimberCollection`, so that a cluster can be
/// taken over while it runs. Keeps its memory from record to record.
struct TimberRecords: Sendable {
  /// What became of one record.
  struct Content: Sendable {
    /// Its documents with their ids, in `arena`.
    var documents: [(id: DocumentID, range: Range<Int>)] = []
    /// Why the record, or a line of it, can be no document.
    var fault: Refusal?
  }

  /// The bytes of the documents of the record that was read last.
  private(set) var arena: [UInt8] = []
  private var framer = TimberFramer()

  /// - Parameter time: the `@timestamp` of lines that have none, in milliseconds since 1970.
  mutating func read(_ record: RecordBatch.Record, of batch: RecordBatch, time: Int64) -> Content {
    arena.removeAll(keepingCapacity: true)
    framer.fallback = Timestamp(milliseconds: time)
    let isCollection =
      record.hasHeaders && batch.header(RecordHeader.messageFormat, of: record) == Array("TimberCollection".utf8)
    do throws(ProtobufError) {
      return isCollection ? try collection(record, of: batch) : try timber(record, of: batch)
    } catch {
      return Content(fault: TimberRecords.fault("\(error.reason), at byte \(error.offset)"))
    }
  }

  private mutating func timber(
    _ record: RecordBatch.Record, of batch: RecordBatch
  ) throws(ProtobufError) -> Content {
    let document = try framer.timber(batch.value(record), to: &arena)
    // Text is well-formed protobuf now and then; without a content it says nothing.
    guard document.hasContent else { return Content(fault: TimberRecords.fault("it has no content")) }
    return Content(documents: [(DocumentAddress(record, in: batch).id, document.range)])
  }

  private mutating func collection(
    _ record: RecordBatch.Record, of batch: RecordBatch
  ) throws(ProtobufError) -> Content {
    var content = Content()
    for (place, outcome) in try framer.collection(batch.value(record), to: &arena).enumerated() {
      switch outcome {
      case .document(let document) where document.hasContent:
        let id = DocumentID(
          partition: record.partition, offset: record.offset, timestamp: record.timestamp,
          part: Int32(truncatingIfNeeded: place))
        content.documents.append((id, document.range))
      case .document:
        content.fault = TimberRecords.fault("line \(place) has no content")
      case .refused(_, let error):
        content.fault = TimberRecords.fault("line \(place): \(error.reason)")
      }
    }
    if content.documents.isEmpty, content.fault == nil { content.fault = TimberRecords.fault("it has no lines") }
    return content
  }

  private static func fault(_ reason: String) -> Refusal {
    Refusal(
      .notAnObject,
      "The record's value is neither a JSON object on one line nor what the first Barito wrote: \(reason).")
  }
}

import BaritoCore
import Kafka

/// How a sender names its batch, so that its own retries cannot make duplicates (architecture 5.1).
struct BatchName: Sendable, Equatable {
  /// `X-Barito-Batch-Id`, the same in every try.
  var id: BatchID
  /// `X-Barito-Batch-Time` in ms since 1970, the same in every try: it gives the day of the index.
  var time: Int64

  /// Reads the two headers; nil when neither was sent.
  /// - Parameter now: milliseconds since 1970.
  static func read(now: Int64, header: (String) -> String?) throws(Refusal) -> BatchName? {
    let id = header("X-Barito-Batch-Id")
    let time = header("X-Barito-Batch-Time")
    if id == nil, time == nil { return nil }
    guard let id, let time else {
      throw Refusal(
        .invalidBatch,
        "A named batch has both X-Barito-Batch-Id and X-Barito-Batch-Time, the same in every try; send both or neither."
      )
    }
    let batch: BatchID
    do throws(BatchIDError) {
      batch = try BatchID(id)
    } catch {
      throw Refusal(.invalidBatch, "X-Barito-Batch-Id: \(error.detail).")
    }
    guard let timestamp = Timestamp(time), timestamp.milliseconds >= 0 else {
      throw Refusal(
        .invalidBatch, "X-Barito-Batch-Time is not a time of RFC 3339 since 1970, such as 2026-11-22T10:15:30.123Z.")
    }
    guard timestamp.milliseconds - now <= Int64(SenderID.tolerance / .milliseconds(1)) else {
      throw Refusal(
        .invalidBatch, "X-Barito-Batch-Time is more than a day ahead of this Router's clock: set the sender's clock.")
    }
    return BatchName(id: batch, time: timestamp.milliseconds)
  }

  /// What all records of the batch carry.
  var headers: [KafkaHeader] {
    [KafkaHeader(RecordHeader.batchID, id.bytes), KafkaHeader(RecordHeader.batchTime, "\(time)")]
  }
}

import BaritoCore
import Kafka

/// What a record carries beside its document, where its sender named the batch or the document.
enum RecordHeaders {
  /// The documents as messages with headers of their own; nil when none has any, which is the fast way.
  ///
  /// - Parameter name: gives every record its place in the batch.
  static func messages(_ batch: borrowing DocumentBatch, named name: BatchName?) -> [ProducerMessage]? {
    guard name != nil || !batch.ids.isEmpty else { return nil }
    var messages: [ProducerMessage] = []
    messages.reserveCapacity(batch.documents.count)
    for (place, range) in batch.documents.enumerated() {
      var headers: [KafkaHeader] = []
      if name != nil { headers.append(KafkaHeader(RecordHeader.batchItem, "\(place)")) }
      if !batch.ids.isEmpty, let sender = batch.ids[place] {
        headers.append(KafkaHeader(RecordHeader.documentID, sender.id))
        // A named batch has one time for all its records, the same in every try.
        if name == nil, let time = sender.time { headers.append(KafkaHeader(RecordHeader.batchTime, "\(time)")) }
      }
      messages.append(ProducerMessage(value: range, headers: headers))
    }
    return messages
  }
}

import BaritoCore

/// What is remembered of a batch until Kafka has it: numbers, so that its bytes are held by nobody but the producer.
struct BatchCount: Sendable, Equatable {
  var lines: Int
  /// Of the documents.
  var bytes: Int
  var stamped: Int
  var wrapped: Int
  var repairs: Int
  /// Lines that were left out while the others were taken.
  var refused: [Refusal.Code: Int]

  init(_ batch: borrowing DocumentBatch) {
    lines = batch.documents.count
    bytes = batch.bytes.count
    stamped = batch.stamped
    wrapped = batch.wrapped
    repairs = batch.repairs
    refused = Dictionary(batch.refused.map { (Refusal.Code($0.key), $0.value) }, uniquingKeysWith: +)
  }
}

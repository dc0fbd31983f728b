import BaritoCore
import Kafka

extension Refusal {
  /// Kafka did not take the batch. Some of it may be stored all the same: the sender sends all of it again.
  init(kafka error: any Error) {
    let detail =
      "The batch is not safe in Kafka, send it again: \((error as? KafkaError)?.detail ?? "Kafka does not answer")."
    guard let error = error as? KafkaError, error.code == .tooLarge else {
      self.init(.kafkaUnavailable, detail, retryAfter: .seconds(1))
      return
    }
    self.init(.lineTooLarge, "A line is larger than this Kafka takes: \(error.detail).")
  }

  /// This Router was started while Market is away and without a snapshot: nobody can be told from anybody.
  static let noProfiles = Refusal(
    .marketUnavailable, "This Router does not know any app yet, because Market cannot be asked; send the batch again.",
    retryAfter: .seconds(5))
}

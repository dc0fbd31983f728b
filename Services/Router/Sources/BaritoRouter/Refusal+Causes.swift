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

  /// The app is over its limit. The status is the one that the app chose for its sender.
  init(_ excess: IngestLimiter.Excess, of app: AppProfile, lines: Int, bytes: Int) {
    self.init(
      .limit,
      "App \(app.name) may send \(excess.limit) \(excess.unit.rawValue) a second and has sent more; "
        + "send this batch again after the time in Retry-After, or ask for a higher limit.",
      retryAfter: excess.retryAfter,
      members: [("limit_per_second", excess.limit), ("lines", lines), ("bytes", bytes)])
    self.lines = lines
    if app.overload == .refuseAsUnavailable { statusOverride = 503 }
  }
}

import BaritoCore
import Kafka
import Lifecycle

/// Delivers a batch to Elasticsearch: sends until each of its records is finished, for as long as it takes.
struct BatchDelivery: Sendable {
  let sender: BulkSender
  let naming: TopicNaming
  let backoff: Backoff
  let usage: TopicUsage
  /// Nil redacts nothing.
  let redaction: TopicRedaction?
  let metrics: FlowMetrics

  func deliver(_ batch: BatchUnderWay) async -> BatchOutcome {
    let topics = batch.records.topics
    let redactors = redaction?.redactors(of: topics) ?? []
    var settlement = BatchSettlement(
      batch.records, naming: naming, redactors: redactors, overdue: batch.overdue)
    if !redactors.isEmpty {
      metrics.redacted(settlement.redactions, redactors, of: topics)
      redaction?.report(settlement.redactions, redactors, of: topics)
    }
    let isFinished = await settle(&settlement, of: batch)
    // Also of a batch that is broken off: what is indexed now is a duplicate when it comes again.
    for (topic, tally) in zip(topics, settlement.tallies) {
      metrics.settled(topic, tally)
      usage.settled(topic, tally)
    }
    return BatchOutcome(
      number: batch.number, partitions: Array(batch.records.nextOffsets.keys), isFinished: isFinished,
      stops: settlement.parked)
  }

  /// - Returns: false when the service stops before it is done: then the records come again.
  private func settle(_ settlement: inout BatchSettlement, of batch: BatchUnderWay) async -> Bool {
    var retries = Retries(answered: sender.answered)
    while let request = settlement.next() {
      if GracefulShutdown.current.isRequested { return false }
      guard let answer = await sender.send(request) else { return false }
      guard let reason = settlement.take(answer, answered: sender.answered) else {
        sender.goesOn()
        retries.goesOn(answered: sender.answered)
        continue
      }
      sender.waits(reason)
      let failures = retries.waits(after: answer, answered: sender.answered)
      guard await sleepUntilGracefulShutdown(backoff.delay(failures)) else { return false }
      settlement.abandon(batch.takeRevoked())
    }
    return true
  }
}

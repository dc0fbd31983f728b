import CRdkafka
import Logging

/// What the callbacks of a consumer change. They run inside poll and close, on the thread that calls those, which is the
/// consumer's own: no lock.
final class ConsumerContext: ClientContext, @unchecked Sendable {
  /// Partitions of the last assignment, and what was delivered of each since then.
  var assigned: [TopicPartition: Delivered] = [:]
  /// Taken away since the last batch.
  var revoked: Set<TopicPartition> = []
  /// Taken away since somebody asked.
  var gone: Set<TopicPartition> = []
  /// Taken away since records that were read before were dropped.
  var outdated: Set<TopicPartition> = []
  /// Assigned or revoked since somebody looked.
  var changed = false
  /// `keepAlive` has paused everything; what is assigned now starts paused.
  var isParked = false
  /// Paused by the caller.
  var paused: Set<TopicPartition> = []
  /// Topics that the caller does not want records of now.
  var held: Set<String> = []
  /// When it may be asked again where the group is.
  var nextQuestion = ContinuousClock.now
  /// Sought to these offsets, and no record was delivered since.
  var sought: [TopicPartition: Int64] = [:]
  var fatal: KafkaError?
  /// An assignment that failed, for the next call to throw.
  var failure: KafkaError?

  /// Offsets that may be stored: after the first delivered, up to the next to come.
  struct Delivered {
    var first: Int64
    var next: Int64
    /// What the group had committed when it was assigned; nil where it had nothing.
    var beginning: Int64?
    var isBeginningKnown = false
  }

  /// Whether nothing of the caller's holds the partition back.
  func reads(_ partition: TopicPartition) -> Bool {
    assigned[partition] != nil && !paused.contains(partition) && !held.contains(partition.topic)
  }

  func gained(_ partitions: [TopicPartition]) {
    for partition in partitions { assigned[partition] = Delivered(first: .max, next: .min) }
    changed = true
  }

  func lost(_ partitions: [TopicPartition]) {
    for partition in partitions {
      assigned[partition] = nil
      paused.remove(partition)
      sought[partition] = nil
      revoked.insert(partition)
      gone.insert(partition)
      outdated.insert(partition)
    }
    changed = true
  }
}

/// Called inside poll or close; must assign or unassign before it returns. Handles the eager and the cooperative
/// protocol, whichever the assignment strategy of the group speaks.
func onRebalance(
  _ client: OpaquePointer?, _ event: rd_kafka_resp_err_t,
  _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ opaque: UnsafeMutableRawPointer?
) {
  guard let client, let opaque else { return }
  let context = Unmanaged<ConsumerContext>.fromOpaque(opaque).takeUnretainedValue()
  let isCooperative = String(cString: rd_kafka_rebalance_protocol(client)) == "COOPERATIVE"
  let names = partitions?.pointee.partitions ?? []
  switch event {
  case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
    if isCooperative {
      context.note(rd_kafka_incremental_assign(client, partitions))
    } else {
      context.note(rd_kafka_assign(client, partitions))
    }
    context.gained(names)
    if context.isParked {
      rd_kafka_pause_partitions(client, partitions)
    } else if !context.held.isEmpty {
      _ = PartitionList(names.filter { context.held.contains($0.topic) }).lend { rd_kafka_pause_partitions(client, $0) }
    }
    context.log.logger.debug("partitions assigned", ["kafka.partitions": "\(names.count)"])
  case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
    // A pause would outlive the assignment: whoever gets the partition back would never read it again.
    rd_kafka_resume_partitions(client, partitions)
    // Stored offsets of these partitions are committed by librdkafka as part of the unassignment.
    if isCooperative {
      context.note(rd_kafka_incremental_unassign(client, partitions))
    } else {
      context.note(rd_kafka_assign(client, nil))
    }
    context.lost(names)
    context.log.logger.debug("partitions revoked", ["kafka.partitions": "\(names.count)"])
  default:
    _ = PartitionList(context.assigned.keys).lend { rd_kafka_resume_partitions(client, $0) }
    context.note(rd_kafka_assign(client, nil))
    context.lost(Array(context.assigned.keys))
    context.failure = KafkaError(event, "cannot join the consumer group")
  }
}

extension ConsumerContext {
  fileprivate func note(_ error: rd_kafka_resp_err_t) {
    guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    failure = KafkaError(error, "cannot change the assignment")
  }

  fileprivate func note(_ error: OpaquePointer?) {
    guard let error else { return }
    note(rd_kafka_error_code(error))
    rd_kafka_error_destroy(error)
  }
}

/// Called inside poll for errors that belong to no partition.
func onConsumerError(
  _ client: OpaquePointer?, _ error: Int32, _ reason: UnsafePointer<CChar>?, _ opaque: UnsafeMutableRawPointer?
) {
  guard let client, let opaque else { return }
  let context = Unmanaged<ConsumerContext>.fromOpaque(opaque).takeUnretainedValue()
  let code = rd_kafka_resp_err_t(error)
  guard code == RD_KAFKA_RESP_ERR__FATAL else {
    // librdkafka mends these itself; whoever must know asks for lag or watermarks.
    let text = reason.map { String(cString: $0) } ?? ""
    return context.log.logger.debug("librdkafka reports an error", ["kafka.text": text])
  }
  var buffer = [CChar](repeating: 0, count: 512)
  let cause = rd_kafka_fatal_error(client, &buffer, buffer.count)
  var fatal = KafkaError(cause, "the consumer cannot go on and must be replaced", reason: text(buffer))
  (fatal.code, fatal.disposition) = (.fatal, .fatal)
  context.fatal = fatal
}

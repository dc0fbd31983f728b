import Kafka
import Synchronization

/// A batch that is being delivered, as the loop that reads knows it.
final class BatchUnderWay: Sendable {
  let number: BatchLedger.BatchNumber
  let records: RecordBatch
  /// Records that their lanes have been parked for again and again for too long, by their offset.
  let overdue: [TopicPartition: Set<Int64>]
  private let revoked = Mutex<Set<TopicPartition>>([])

  init(_ number: BatchLedger.BatchNumber, _ records: RecordBatch, overdue: [TopicPartition: Set<Int64>] = [:]) {
    self.number = number
    self.records = records
    self.overdue = overdue
  }

  /// Somebody else does the records of these partitions now.
  func revoke(_ partitions: Set<TopicPartition>) { revoked.withLock { $0.formUnion(partitions) } }

  /// Those since the last call.
  func takeRevoked() -> Set<TopicPartition> {
    revoked.withLock { revoked in
      defer { revoked = [] }
      return revoked
    }
  }
}

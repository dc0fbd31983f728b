import BaritoCore
import Kafka

/// Partitions whose index does not take documents for now, so that everybody else can go on: each waits, longer from
/// time to time, and is then read again from its first record that is not finished. Pure.
struct ParkedLanes: Sendable {
  private struct Lane: Sendable {
    /// The first record that is not finished.
    var offset: Int64
    var attempts: Int
    /// When to try again; nil while that is under way.
    var until: UInt64?
  }

  private let backoff: Backoff
  private var lanes: [TopicPartition: Lane] = [:]

  init(backoff: Backoff) { self.backoff = backoff }

  /// Lanes that wait.
  var count: Int { lanes.values.count { $0.until != nil } }

  /// - Parameter now: nanoseconds of a monotonic clock.
  /// - Returns: whether it was not parked the last time either, which is worth a line in the log.
  mutating func park(_ partition: TopicPartition, at offset: Int64, now: UInt64) -> Bool {
    let attempts = lanes[partition]?.attempts ?? 0
    let delay = backoff.delay(attempts)
    lanes[partition] = Lane(
      offset: offset, attempts: attempts + 1, until: now + UInt64(max(0, delay / .nanoseconds(1))))
    return attempts == 0
  }

  /// What to try again now, from these offsets.
  mutating func due(now: UInt64) -> [TopicPartition: Int64] {
    var due: [TopicPartition: Int64] = [:]
    for (partition, lane) in lanes {
      guard let until = lane.until, until <= now else { continue }
      due[partition] = lane.offset
      lanes[partition]?.until = nil
    }
    return due
  }

  /// These are finished up to what was read.
  /// - Returns: those that had been parked.
  mutating func settled(_ partitions: some Sequence<TopicPartition>) -> [TopicPartition] {
    partitions.filter { partition in
      guard let lane = lanes[partition], lane.until == nil else { return false }
      lanes[partition] = nil
      return true
    }
  }

  /// Forgets all but these, which are still read here.
  mutating func keep(_ assigned: Set<TopicPartition>) { lanes = lanes.filter { assigned.contains($0.key) } }
}

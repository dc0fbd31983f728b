import BaritoCore
import Kafka

/// Partitions whose index does not take documents for now, so that everybody else can go on: each waits, longer from
/// time to time, and is then read again from its first record that is not finished. Pure.
struct ParkedLanes: Sendable {
  private struct Lane: Sendable {
    var cause: ParkCause
    var attempts: Int
    /// The record that the server fails over, and since when: nil where the index is what takes nothing.
    var failing: (offset: Int64, since: UInt64)?
    /// When to try again; nil while that is under way.
    var until: UInt64?
  }

  private let backoff: Backoff
  private var lanes: [TopicPartition: Lane] = [:]

  init(backoff: Backoff) { self.backoff = backoff }

  /// How many wait for each cause.
  var counts: [ParkCause: Int] {
    lanes.values.reduce(into: [:]) { counts, lane in
      if lane.until != nil { counts[lane.cause, default: 0] += 1 }
    }
  }

  /// - Parameters:
  ///   - offset: its first record that is not finished.
  ///   - now: nanoseconds of a monotonic clock.
  /// - Returns: whether it was not parked the last time either, which is worth a line in the log.
  mutating func park(_ partition: TopicPartition, for cause: ParkCause, at offset: Int64, now: UInt64) -> Bool {
    // Several batches that were under way meet the same closed door.
    if lanes[partition]?.until != nil { return false }
    let before = lanes[partition]
    let attempts = before?.attempts ?? 0
    let delay = backoff.delay(attempts)
    let isSame = before?.failing?.offset == offset
    let failing = cause == .failing ? (offset, isSame ? before?.failing?.since ?? now : now) : nil
    lanes[partition] = Lane(
      cause: cause, attempts: attempts + 1, failing: failing,
      until: now + UInt64(max(0, delay / .nanoseconds(1))))
    return attempts == 0
  }

  /// They could not be read again after all.
  mutating func parkAgain(_ stops: [TopicPartition: Int64], now: UInt64) {
    for (partition, offset) in stops {
      if let cause = lanes[partition]?.cause { _ = park(partition, for: cause, at: offset, now: now) }
    }
  }

  /// Those that wait.
  var waiting: Set<TopicPartition> { Set(lanes.filter { $0.value.until != nil }.keys) }

  /// The records of these partitions that the server has been failing over for longer than that, each time.
  ///
  /// - Parameter age: in nanoseconds.
  func overdue(
    _ partitions: some Sequence<TopicPartition>, age: UInt64, now: UInt64
  ) -> [TopicPartition: Int64] {
    guard !lanes.isEmpty else { return [:] }
    return partitions.reduce(into: [:]) { overdue, partition in
      guard let failing = lanes[partition]?.failing, now - failing.since > age else { return }
      overdue[partition] = failing.offset
    }
  }

  /// What to try again now, of those that may be.
  mutating func due(now: UInt64, where isReady: (TopicPartition) -> Bool) -> [TopicPartition] {
    lanes.keys.filter { partition in
      guard let until = lanes[partition]?.until, until <= now, isReady(partition) else { return false }
      lanes[partition]?.until = nil
      return true
    }
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

  /// Forgets these: somebody else reads them, or they are read from another place.
  mutating func forget(_ partitions: some Sequence<TopicPartition>) {
    for partition in partitions { lanes[partition] = nil }
  }
}

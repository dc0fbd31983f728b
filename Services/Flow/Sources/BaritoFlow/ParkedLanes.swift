import BaritoCore
import Kafka

/// Partitions whose index does not take documents for now, so that everybody else can go on: each waits, longer from
/// time to time, and is then read again from its first record that is not finished. Pure.
struct ParkedLanes: Sendable {
  /// When a record failed first and last, tried again and again between, in nanoseconds.
  private struct Failing: Sendable {
    var since: UInt64
    var last: UInt64
  }

  private struct Lane: Sendable {
    var cause: ParkCause
    /// Its first record that is not finished.
    var offset: Int64
    /// How often it was parked in a row; 0 where it is known only for what failed before.
    var attempts: Int
    /// Records that the server fails over, by their offset: none where the index is what takes nothing.
    var failing: [Int64: Failing]
    /// When to try again; nil while that is under way.
    var until: UInt64?
  }

  private let backoff: Backoff
  private var lanes: [TopicPartition: Lane] = [:]

  init(backoff: Backoff) { self.backoff = backoff }

  /// How many are parked for each cause: those that are just being tried again too.
  var counts: [ParkCause: Int] {
    lanes.values.reduce(into: [:]) { counts, lane in
      if lane.attempts > 0 { counts[lane.cause, default: 0] += 1 }
    }
  }

  /// - Parameters:
  ///   - offset: its first record that is not finished.
  ///   - now: nanoseconds of a monotonic clock.
  /// - Returns: whether it was not parked the last time either, which is worth a line in the log.
  mutating func park(_ partition: TopicPartition, for cause: ParkCause, at offset: Int64, now: UInt64) -> Bool {
    let before = lanes[partition]
    let attempts = before?.attempts ?? 0
    let known = before?.failing ?? [:]
    let failing =
      cause == .failing ? ParkedLanes.failing(at: offset, now: now, beside: known) : known.filter { $0.key < offset }
    // Several batches that were under way meet the same closed door: what counts is where it is to be read again from.
    if let before, let until = before.until {
      let isFirst = offset < before.offset
      lanes[partition] = Lane(
        cause: isFirst ? cause : before.cause, offset: min(offset, before.offset), attempts: attempts, failing: failing,
        until: until)
      return false
    }
    let delay = backoff.delay(attempts)
    lanes[partition] = Lane(
      cause: cause, offset: offset, attempts: attempts + 1, failing: failing,
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
  ) -> [TopicPartition: Set<Int64>] {
    guard !lanes.isEmpty else { return [:] }
    return partitions.reduce(into: [:]) { overdue, partition in
      // One that has passed meanwhile, behind another that has not, is not renewed any more.
      let old = lanes[partition]?.failing.filter { now - $0.value.since > age && now - $0.value.last <= age }.keys
      if let old, !old.isEmpty { overdue[partition] = Set(old) }
    }
  }

  /// What to try again now, of those that may be.
  mutating func due(now: UInt64, where isReady: (TopicPartition) -> Bool) -> [TopicPartition] {
    lanes.keys.filter { partition in
      guard var lane = lanes[partition], let until = lane.until, until <= now, isReady(partition) else { return false }
      lane.until = nil
      // What lies before the place that it is read again from has passed.
      lane.failing = lane.failing.filter { $0.key >= lane.offset }
      lanes[partition] = lane
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

  /// One record more, since now where it is new. Of too many the last is left out: the first is what the lane waits for.
  private static func failing(at offset: Int64, now: UInt64, beside others: [Int64: Failing]) -> [Int64: Failing] {
    var all = others
    let known = others[offset].flatMap { now - $0.last <= longestGap ? $0 : nil }
    all[offset] = Failing(since: known?.since ?? now, last: now)
    if all.count > mostFailing, let last = all.keys.max() { all[last] = nil }
    return all
  }

  private static let mostFailing = 16
  /// Nobody knows what was between two failures further apart than this, in nanoseconds.
  private static let longestGap: UInt64 = 900_000_000_000

  /// Somebody else reads these now, or they are read from another place. Of a record that the server fails over it is kept
  /// since when: its partition may come back, and rebalances must not make it wait for ever.
  mutating func forget(_ partitions: some Sequence<TopicPartition>) {
    for partition in partitions {
      guard var lane = lanes[partition] else { continue }
      (lane.attempts, lane.until) = (0, nil)
      lanes[partition] = lane.failing.isEmpty ? nil : lane
    }
  }
}

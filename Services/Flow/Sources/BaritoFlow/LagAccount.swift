import BaritoCore
import Kafka

/// What is known of how far behind a consumer group is. Pure: it takes in what the brokers say each round, asks for the
/// few records whose times it has to know, and answers by topic.
///
/// The age of a record that nobody read yet has a bound all the same: a record that was not there when somebody looked is
/// younger than that look.
struct LagAccount {
  /// How far a topic is behind.
  struct Lag: Equatable {
    var records: Int64 = 0
    /// Records that it ever got.
    var end: Int64 = 0
    /// Of the oldest record that is not finished; nil where nothing is known of it yet.
    var seconds: Double? = 0
  }

  private struct Partition {
    /// Of the first record that is not finished.
    var position: Int64 = 0
    var end: Int64 = 0
    /// The time of a record at that place, or at one before it: then it is older than the one that is meant.
    var known: (offset: Int64, time: Int64)?
    /// Ends of earlier rounds, oldest first: all that lie behind the position, and the last one before it.
    var looks: [(time: Int64, end: Int64)] = []

    /// The time since when at most the oldest record waits.
    var oldestTime: Int64? {
      let look = looks.last { $0.end <= position }?.time
      guard let known = known?.time else { return look }
      return max(known, look ?? known)
    }

    var isExact: Bool { known.map { $0.offset >= position } ?? false }
  }

  private var partitions: [TopicPartition: Partition] = [:]

  static let keptLooks = 32

  /// Takes in what the brokers say.
  /// - Parameters:
  ///   - listed: every partition there is; the others are forgotten.
  ///   - ends: of those that were answered for; of the others the last answer stands.
  ///   - committed: nothing for a partition means from its oldest record.
  ///   - beginnings: oldest offsets, of those behind at least.
  ///   - now: milliseconds since 1970.
  mutating func observe(
    listed: Set<TopicPartition>, ends: [TopicPartition: Int64], committed: [TopicPartition: Int64],
    beginnings: [TopicPartition: Int64], now: Int64
  ) {
    partitions = partitions.filter { listed.contains($0.key) }
    for (place, end) in ends where listed.contains(place) {
      var partition = partitions[place] ?? Partition()
      if end < partition.end { partition = Partition() }  // deleted and made again
      partition.end = end
      partition.position = min(end, max(committed[place] ?? 0, beginnings[place] ?? 0))
      if partition.looks.last?.end == end {
        partition.looks[partition.looks.count - 1].time = now
      } else {
        partition.looks.append((now, end))
      }
      let passed = partition.looks.lastIndex { $0.end <= partition.position } ?? 0
      partition.looks.removeFirst(max(passed, partition.looks.count - LagAccount.keptLooks))
      partitions[place] = partition
    }
  }

  /// The partitions that look behind, whose beginnings matter.
  static func behind(_ ends: [TopicPartition: Int64], _ committed: [TopicPartition: Int64]) -> [TopicPartition] {
    ends.filter { $0.value > committed[$0.key] ?? 0 }.map(\.key)
  }

  /// The offsets of records whose times should be read: those of which least is known, at most so many.
  func wanted(_ limit: Int) -> [TopicPartition: Int64] {
    let unknown = partitions.filter { $0.value.position < $0.value.end && !$0.value.isExact }
      .map { (place: $0.key, since: $0.value.oldestTime ?? .min, position: $0.value.position) }
      .sorted { ($0.since, $0.place) < ($1.since, $1.place) }
    return Dictionary(uniqueKeysWithValues: unknown.prefix(limit).map { ($0.place, $0.position) })
  }

  /// Takes in the times of records that were read, in milliseconds since 1970: of each the first one at the offset that
  /// was wanted or behind it.
  mutating func learn(_ times: [TopicPartition: (offset: Int64, time: Int64)]) {
    for (place, found) in times where partitions[place] != nil && found.time > 0 { partitions[place]?.known = found }
  }

  /// - Parameter now: milliseconds since 1970.
  func lags(now: Int64) -> [String: Lag] {
    var lags: [String: Lag] = [:]
    for (place, partition) in partitions {
      var lag = lags[place.topic] ?? Lag()
      let records = partition.end - partition.position
      lag.records += records
      lag.end += partition.end
      if records > 0 {
        // One partition of which nothing is known may hold the oldest record.
        if let others = lag.seconds, let time = partition.oldestTime {
          lag.seconds = max(others, Double(max(0, now - time)) / 1000)
        } else {
          lag.seconds = nil
        }
      }
      lags[place.topic] = lag
    }
    return lags
  }
}

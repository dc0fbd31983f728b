import Synchronization

/// Says of a fault at most once a minute for each peer and kind: a sender that does not listen must not fill the log.
final class Complaints: Sendable {
  private struct Key: Hashable {
    var peer: String
    var kind: String
  }
  private struct Entry {
    var saidAt: UInt64
    var silenced = 0
  }

  /// In nanoseconds.
  static let interval: UInt64 = 60_000_000_000
  /// How many are remembered; the others are said each time.
  static let maximum = 10_000

  private let entries = Mutex<[Key: Entry]>([:])

  /// Whether to say it now, and how often it was not said since the last time; nil to say nothing.
  ///
  /// - Parameter now: nanoseconds of a clock that never goes back.
  func mustSay(_ kind: String, of peer: String, now: UInt64) -> Int? {
    entries.withLock { entries in
      let key = Key(peer: peer, kind: kind)
      if let entry = entries[key], now - entry.saidAt < Complaints.interval {
        entries[key]?.silenced += 1
        return nil
      }
      let silenced = entries[key]?.silenced ?? 0
      if entries.count >= Complaints.maximum {
        entries = entries.filter { now - $0.value.saidAt < Complaints.interval }
      }
      if entries.count < Complaints.maximum { entries[key] = Entry(saidAt: now) }
      return silenced
    }
  }
}

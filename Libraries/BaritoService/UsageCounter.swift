public import BaritoCore
import Synchronization

/// Counts what passes for each app until the reporter takes it away. Bounded by the number of apps.
public final class UsageCounter: Sendable {
  private struct State {
    var since: Int64
    var apps: [AppID: AppUsage] = [:]
  }

  /// Which secrets let senders in.
  public let secrets = SecretUses()
  private let state: Mutex<State>

  /// - Parameter now: milliseconds since 1970.
  public init(now: Int64) { state = Mutex(State(since: now)) }

  /// Adds to an app's counts.
  public func count(_ app: AppID, _ change: (inout AppUsage) -> Void) {
    state.withLock { change(&$0.apps[app, default: AppUsage(app: app)]) }
  }

  /// Lines that are safe in Kafka.
  /// - Parameter at: milliseconds since 1970.
  public func accepted(_ app: AppID, lines: Int, bytes: Int, at: Int64) {
    count(app) { usage in
      usage.accepted += Int64(lines)
      usage.bytes += Int64(bytes)
      if lines > 0 { usage.lastLineAt = max(usage.lastLineAt ?? 0, at) }
    }
  }

  /// Lines that were refused, by the code of the refusal.
  public func refused(_ app: AppID, lines: Int, code: String) {
    count(app) { $0.refused[code, default: 0] += Int64(lines) }
  }

  /// Takes all counts out.
  /// - Parameter now: milliseconds since 1970: the end of what is taken and the beginning of what comes.
  func take(now: Int64) -> (from: Int64, apps: [AppUsage]) {
    state.withLock { state in
      defer { state = State(since: now) }
      return (state.since, Array(state.apps.values))
    }
  }

  /// Puts counts back that could not be reported: they go with the next report.
  func putBack(_ apps: [AppUsage], from: Int64) {
    state.withLock { state in
      state.since = min(state.since, from)
      for usage in apps { state.apps[usage.app, default: AppUsage(app: usage.app)].add(usage) }
    }
  }
}

extension AppUsage {
  mutating func add(_ other: AppUsage) {
    accepted += other.accepted
    bytes += other.bytes
    refused.merge(other.refused, uniquingKeysWith: +)
    indexed += other.indexed
    duplicates += other.duplicates
    quarantined += other.quarantined
    if let types = other.quarantinedTypes {
      quarantinedTypes = (quarantinedTypes ?? [:]).merging(types, uniquingKeysWith: +)
    }
    if let at = other.lastLineAt { lastLineAt = max(lastLineAt ?? 0, at) }
  }
}

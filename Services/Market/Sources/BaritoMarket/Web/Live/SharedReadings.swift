/// Readings that everybody who looks at the same thing shares: each is taken at most once per `maximumAge`, and only when
/// somebody asks.
actor SharedReadings<Value: Sendable> {
  private struct Entry {
    var value: Value?
    var takenAt: ContinuousClock.Instant
    var isBeingTaken = false
  }

  private var entries: [String: Entry] = [:]
  private let maximumAge: Duration
  private let clock = ContinuousClock()
  /// What nobody has asked for during so long is forgotten.
  private static var memory: Duration { .seconds(10) }

  init(maximumAge: Duration) { self.maximumAge = maximumAge }

  /// The newest reading, or a fresh one when that is too old.
  ///
  /// While one viewer takes a reading the others get the one before it; the very first they wait for by taking their own.
  /// - Parameter take: gets the reading before it.
  func reading(of key: String, take: @Sendable (Value?) async throws -> Value) async throws -> Value {
    let now = clock.now
    entries = entries.filter { now - $0.value.takenAt < SharedReadings.memory || $0.key == key }
    let entry = entries[key]
    // Viewers wake a little early or late: a reading that is nearly due is taken now.
    if let entry, let value = entry.value, entry.isBeingTaken || now - entry.takenAt < maximumAge * 0.8 { return value }
    entries[key] = Entry(value: entry?.value, takenAt: now, isBeingTaken: true)
    do {
      let value = try await take(entry?.value)
      entries[key] = Entry(value: value, takenAt: now)
      return value
    } catch {
      entries[key]?.isBeingTaken = false
      throw error
    }
  }
}

/// How often what is live looks, and how often it makes sure that it may.
struct LiveTempo: Sendable {
  var interval = Duration.seconds(1)
  /// A stream of somebody who was signed out or removed ends within this.
  var permission = Duration.seconds(10)
  /// What stands between keeps a stream that is silent for so long.
  var heartbeat = Duration.seconds(15)
}

/// How often somebody may be wrong. Pure: the clock is given.
///
/// After `limit` failures in `window` a key is refused until the window is over. Memory is bounded: when it is full, the
/// oldest windows go first.
struct AttemptThrottle: Sendable {
  private struct Window: Sendable {
    var start: Int64
    var failures: Int
  }

  private let limit: Int
  /// Milliseconds.
  private let length: Int64
  private let capacity: Int
  private var windows: [String: Window] = [:]

  /// - Parameter window: in seconds.
  init(limit: Int, window: Int, capacity: Int = 10_000) {
    self.limit = limit
    length = Int64(window) * 1_000
    self.capacity = capacity
  }

  /// - Returns: nil when an attempt is allowed; else in how many seconds one is.
  /// - Parameter now: milliseconds since 1970.
  func refusal(of key: String, now: Int64) -> Int? {
    guard let window = windows[key], window.failures >= limit, now < window.start + length else { return nil }
    return Int((window.start + length - now + 999) / 1_000)
  }

  mutating func failed(_ key: String, now: Int64) {
    if let window = windows[key], now < window.start + length {
      windows[key] = Window(start: window.start, failures: window.failures + 1)
      return
    }
    if windows.count >= capacity { makeRoom(now: now) }
    windows[key] = Window(start: now, failures: 1)
  }

  mutating func succeeded(_ key: String) { windows[key] = nil }

  private mutating func makeRoom(now: Int64) {
    windows = windows.filter { now < $0.value.start + length }
    guard windows.count >= capacity else { return }
    let starts = windows.values.map(\.start).sorted()
    let median = starts[starts.count / 2]
    windows = windows.filter { $0.value.start > median }
  }
}

import Logging

/// A failure that repeats is logged when it begins, when it changes and when it ends. Pure: it says what to log.
struct Trouble: Sendable {
  struct Event: Sendable, Equatable {
    var level: Logger.Level
    var message: String
    var metadata: [String: String]
  }

  /// Since it began.
  private(set) var attempts = 0
  private var reason: String?
  private let beginning: String
  private let ending: String

  /// - Parameters:
  ///   - beginning: what is logged when it begins and when its reason changes.
  ///   - ending: what is logged when it is over.
  init(began beginning: String, ended ending: String) {
    self.beginning = beginning
    self.ending = ending
  }

  mutating func began(_ reason: String) -> Event? {
    defer { self.reason = reason }
    attempts += 1
    return self.reason == reason ? nil : Event(level: .warning, message: beginning, metadata: ["reason": reason])
  }

  mutating func ended() -> Event? {
    guard reason != nil else { return nil }
    defer { (attempts, reason) = (0, nil) }
    return Event(level: .notice, message: ending, metadata: ["attempts": "\(attempts)"])
  }
}

extension Trouble.Event {
  func log(_ logger: Logger) { logger.log(level, message, metadata) }
}

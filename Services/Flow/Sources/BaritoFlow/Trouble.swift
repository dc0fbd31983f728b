import Logging

/// A failure that repeats is logged when it begins, when it changes and when it ends.
struct Trouble {
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

  mutating func began(_ reason: String, _ logger: Logger) {
    if self.reason != reason { logger.warning(beginning, ["reason": reason]) }
    self.reason = reason
    attempts += 1
  }

  mutating func ended(_ logger: Logger) {
    guard reason != nil else { return }
    logger.notice(ending, ["attempts": "\(attempts)"])
    (attempts, reason) = (0, nil)
  }
}

import BaritoCore
import BaritoService

/// What share of Flow an app has while several are behind: as much as is guaranteed to it at the door.
struct TopicShares: Sendable {
  let profiles: ProfileFeed

  /// Lines per second that make a weight of 1, which is also the weight of apps without a limit of their own.
  private static let unit = 1000
  private static let most = 100

  func weights(of topics: some Collection<String>) -> [String: Int] {
    let topics = Array(topics)
    return profiles.read { directory in
      var weights: [String: Int] = [:]
      for topic in topics {
        let lines = directory.app(topic: topic).flatMap { directory.apps[$0]?.limits.linesPerSecond }
        weights[topic] = TopicShares.weight(linesPerSecond: lines)
      }
      return weights
    }
  }

  static func weight(linesPerSecond: Int?) -> Int { min(most, max(1, (linesPerSecond ?? unit) / unit)) }
}

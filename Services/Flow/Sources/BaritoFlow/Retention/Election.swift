import Synchronization

/// Which Flow does what one is enough for: the one that reads partition 0 of the topic of new topics, which the consumer
/// group gives to one member. Around a rebalance there may be none, or two for a moment: what they do must bear that.
final class Election: Sendable {
  private let holders = Mutex<Set<Int>>([])

  var isElected: Bool { holders.withLock { !$0.isEmpty } }

  /// Each worker tells, whenever what it reads may have changed.
  func worker(_ number: Int, reads isHolder: Bool) {
    holders.withLock { holders in
      if isHolder { holders.insert(number) } else { holders.remove(number) }
    }
  }
}

/// Whose turn it is to be read while several apps are behind: deficit round robin by bytes over their topics. Pure.
///
/// Each topic that is behind may have so many bytes a round, by its weight; what it took beyond that it owes the next
/// round. One that has had its share rests until the others have had theirs, and only some are read at a time, so that
/// what is fetched ahead stays small and a topic that is not behind finds its way through at once. Topics that are not
/// behind never rest, and nobody rests where there is nobody else to wait for.
struct FairTurns: Sendable {
  private struct Lane: Sendable {
    /// Bytes that it may still have this round.
    var credit: Int
    var weight: Int
  }

  private let quantum: Int
  private let seats: Int
  private var lanes: [String: Lane] = [:]
  /// Those that are read now.
  private var seated: Set<String> = []
  /// Those whose turn in this round is still to come, next one first.
  private var waiting: [String] = []
  /// Those that have had their share of this round.
  private var served: [String] = []

  /// - Parameters:
  ///   - quantum: bytes a round for a weight of 1.
  ///   - seats: how many topics that are behind are read at a time.
  init(quantum: Int, seats: Int) {
    precondition(quantum > 0 && seats > 0, "somebody must have a turn")
    self.quantum = quantum
    self.seats = seats
  }

  /// Topics that are not to be read now.
  var resting: Set<String> { lanes.count < 2 ? [] : Set(waiting).union(served) }

  /// So many bytes of a topic were read. Alone it owes nobody anything.
  mutating func took(_ bytes: Int, of topic: String) {
    if lanes.count > 1 { lanes[topic]?.credit -= bytes }
  }

  /// Takes over who is behind now, and decides whose turn it is.
  ///
  /// - Parameters:
  ///   - weights: of the topics that are behind; 1 or more.
  ///   - isStarved: less was read than asked for. Then those whose turn it is have nothing to give, and holding the
  ///     others back serves nobody.
  mutating func update(behind weights: [String: Int], isStarved: Bool) {
    leave { weights[$0] == nil }
    for (topic, weight) in weights.sorted(by: { $0.key < $1.key }) {
      if lanes[topic] == nil {
        // Who fell behind just now may be through with it in one turn.
        lanes[topic] = Lane(credit: quantum * max(1, weight), weight: max(1, weight))
        waiting.insert(topic, at: 0)
      } else {
        lanes[topic]?.weight = max(1, weight)
      }
    }
    for topic in seated.sorted() where (lanes[topic]?.credit ?? 0) <= 0 {
      seated.remove(topic)
      served.append(topic)
    }
    if isStarved {
      served.append(contentsOf: seated.sorted())
      seated = []
      waiting.append(contentsOf: beginRound())
    }
    while seated.count < seats {
      if waiting.isEmpty {
        guard seated.isEmpty, !served.isEmpty else { break }
        waiting = beginRound()
      }
      let next = waiting.removeFirst()
      // Whoever owes more than a round's share sits this round out.
      if (lanes[next]?.credit ?? 0) > 0 { seated.insert(next) } else { served.append(next) }
    }
  }

  /// Gives those that were served their share of a new round.
  private mutating func beginRound() -> [String] {
    defer { served = [] }
    for topic in served {
      guard let lane = lanes[topic] else { continue }
      // What was not used is not saved up.
      lanes[topic]?.credit = min(lane.credit, 0) + quantum * lane.weight
    }
    return served
  }

  private mutating func leave(where isGone: (String) -> Bool) {
    lanes = lanes.filter { !isGone($0.key) }
    seated = seated.filter { !isGone($0) }
    waiting.removeAll(where: isGone)
    served.removeAll(where: isGone)
  }
}

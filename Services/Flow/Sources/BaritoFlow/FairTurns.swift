/// Whose turn it is to be read while several apps are behind: deficit round robin by bytes over their topics. Pure.
///
/// Each topic that is behind may have so many bytes a round, by its weight; what it took beyond that it owes the next
/// round. One that has had its share rests until the others have had theirs. Only so many are read at a time as fill
/// what is fetched ahead, so that a topic that is not behind finds its way through at once: a broker fills its answers
/// from the first partitions of the request on, and a thousand full ones would leave nothing for the others. Topics that
/// are not behind never rest, and nobody rests where there is nobody else to wait for.
struct FairTurns: Sendable {
  /// A topic that is behind.
  struct Need: Sendable, Equatable {
    /// Of what is shared, in proportion to the others; 1 or more.
    var weight: Int
    /// What it may bring at once, in bytes.
    var bytes: Int
  }

  private struct Lane: Sendable {
    /// Bytes that it may still have this round.
    var credit: Int
    var need: Need
  }

  private let quantum: Int
  private let room: Int
  private var lanes: [String: Lane] = [:]
  /// Those that are read now.
  private(set) var seated: Set<String> = []
  /// Those whose turn in this round is still to come, next one first.
  private var waiting: [String] = []
  /// Those that have had their share of this round.
  private var served: [String] = []

  /// - Parameters:
  ///   - quantum: bytes a round for a weight of 1.
  ///   - room: bytes that topics which are behind may bring at once; one is read whatever it brings.
  init(quantum: Int, room: Int) {
    precondition(quantum > 0 && room > 0, "somebody must have a turn")
    self.quantum = quantum
    self.room = room
  }

  /// Topics that are not to be read now.
  var resting: Set<String> { lanes.count < 2 ? [] : Set(waiting).union(served) }

  /// So many bytes of a topic were read. Alone it owes nobody anything.
  mutating func took(_ bytes: Int, of topic: String) {
    if lanes.count > 1 { lanes[topic]?.credit -= bytes }
  }

  /// Takes over who is behind now, and decides whose turn it is.
  ///
  /// - Parameter isStarved: less was read than asked for. Then those whose turn it is have nothing to give, and holding
  ///   the others back serves nobody.
  mutating func update(behind needs: [String: Need], isStarved: Bool) {
    leave { needs[$0] == nil }
    // The smallest last, which is to be the first: it may be through in one turn.
    for (topic, need) in needs.sorted(by: { ($0.value.bytes, $0.key) > ($1.value.bytes, $1.key) }) {
      if lanes[topic] == nil {
        lanes[topic] = Lane(credit: quantum * max(1, need.weight), need: need)
        waiting.insert(topic, at: 0)
      } else {
        lanes[topic]?.need = need
      }
    }
    if isStarved {
      served.append(contentsOf: seated.sorted())
      seated = []
      waiting.append(contentsOf: beginRound())
    }
    seat()
  }

  /// These of the seated are not behind any more; others take their places.
  mutating func caughtUp(_ topics: Set<String>) {
    leave(where: topics.contains)
    seat()
  }

  private mutating func seat() {
    for topic in seated.sorted() where (lanes[topic]?.credit ?? 0) <= 0 {
      seated.remove(topic)
      served.append(topic)
    }
    var taken = seated.reduce(0) { $0 + (lanes[$1]?.need.bytes ?? 0) }
    while taken < room {
      if waiting.isEmpty {
        guard seated.isEmpty, !served.isEmpty else { break }
        waiting = beginRound()
      }
      let next = waiting.removeFirst()
      // Whoever owes more than a round's share sits this round out.
      guard let lane = lanes[next], lane.credit > 0 else {
        served.append(next)
        continue
      }
      seated.insert(next)
      taken += max(1, lane.need.bytes)
    }
  }

  /// Gives those that were served their share of a new round.
  private mutating func beginRound() -> [String] {
    defer { served = [] }
    for topic in served {
      guard let lane = lanes[topic] else { continue }
      // What was not used is not saved up.
      lanes[topic]?.credit = min(lane.credit, 0) + quantum * max(1, lane.need.weight)
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

/// Says when requests of a batch that come to nothing, again and again, may be at fault themselves: one of their lines is
/// what the server breaks over, or what something before the server does not let pass. Pure.
struct Suspicions: Sendable {
  enum Verdict: Sendable, Equatable {
    /// Send it once more.
    case again
    /// Send its halves: that tells which of its documents it is.
    case halve
    /// Send it behind all others.
    case last
    /// It is this one document: others were answered all the while.
    case guilty
    /// Nobody was answered all the while, so nobody knows.
    case undecided
  }

  /// In a row, before a request is halved.
  static let tries = 4
  /// Of one document alone.
  static let triesAlone = 10

  /// Of the request in front, in a row.
  private var count = 0
  /// Of one document alone, by its id: how often, and how many requests had been answered before the first time.
  private var alone: [String: (count: Int, answered: Int)] = [:]

  /// The request in front came to nothing.
  ///
  /// - Parameter answered: requests that were answered item by item so far, of this batch and of all others.
  mutating func note(_ request: BulkRequest, answered: Int) -> Verdict {
    count += 1
    guard request.count == 1 else {
      guard count >= Suspicions.tries else { return .again }
      count = 0
      return .halve
    }
    count = 0
    let id = request.id(request.items[0])
    let before = alone[id] ?? (0, answered)
    alone[id] = (before.count + 1, before.answered)
    guard before.count + 1 >= Suspicions.triesAlone else { return .last }
    return answered > before.answered ? .guilty : .undecided
  }

  /// A request was answered.
  mutating func clear() { count = 0 }
}

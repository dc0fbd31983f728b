/// How often in a row a batch was told to wait, which is how long it waits. Pure.
///
/// A server that has too much to do is left alone for longer each time. Where others are answered while one request comes
/// to nothing, the server is well: the request is what is wrong, and waiting would only hold its batch's place longer.
struct Retries: Sendable {
  private(set) var failures = 0
  private var answered: Int

  /// - Parameter answered: requests that were answered item by item so far, of all batches.
  init(answered: Int) { self.answered = answered }

  /// The batch goes on without a wait.
  mutating func goesOn(answered: Int) { (failures, self.answered) = (0, answered) }

  /// The batch waits because of an answer.
  /// - Returns: how many waits there were before, in a row.
  mutating func waits(after answer: BulkAnswer, answered: Int) -> Int {
    // Our own answer is counted too, so one that was settled says nothing of others.
    if case .suspect(_, isSilent: false) = answer, answered != self.answered { failures = 0 }
    self.answered = answered
    defer { failures += 1 }
    return failures
  }
}

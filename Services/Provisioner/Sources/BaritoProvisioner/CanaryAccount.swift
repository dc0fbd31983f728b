import BaritoCore

/// The lines that one group's canary has on their way, and when to do what. Pure: times are given, in monotonic
/// nanoseconds.
struct CanaryAccount: Sendable {
  /// What is to be done next.
  enum Step: Equatable, Sendable {
    case send
    /// Look for these lines.
    case look([ProbeLine])
    case wait(Duration)
  }

  /// What became of a line.
  enum Finding: Equatable, Sendable {
    /// Found, so long after it was sent.
    case searchable(after: Duration)
    /// Found more than once.
    case duplicate
    /// Not found in time.
    case missing
  }

  private struct Flight: Sendable {
    var line: ProbeLine
    var sentAt: UInt64
    var lookedAt: UInt64
    var isFound = false
    var isDouble = false
  }

  /// Between two lines.
  let interval: Duration
  /// A line that is not found after so long is missing. Those that were found are looked for once more then: a duplicate
  /// may come late.
  let deadline: Duration
  private var flights: [Flight] = []
  private var nextLine: UInt64

  /// Looks begin a second apart, so that what is measured is exact where it matters.
  static let soon: Duration = .seconds(1)
  static let later: Duration = .seconds(5)
  static let soonFor: Duration = .seconds(20)

  /// - Parameter start: when the first line is due.
  init(interval: Duration, deadline: Duration, start: UInt64) {
    self.interval = interval
    self.deadline = deadline
    nextLine = start
  }

  /// What to do now.
  func step(at now: UInt64) -> Step {
    let due = flights.filter { lookDue($0) <= now }
    if !due.isEmpty { return .look(due.map(\.line)) }
    if nextLine <= now { return .send }
    let next = min(nextLine, flights.map { lookDue($0) }.min() ?? .max)
    return .wait(.nanoseconds(Int64(clamping: next - now)))
  }

  /// A line was taken, or refused: then there is nothing to look for.
  mutating func sent(_ line: ProbeLine, isTaken: Bool, at now: UInt64) {
    if isTaken { flights.append(Flight(line: line, sentAt: now, lookedAt: now)) }
    // A round that took too long is left out, not made up for.
    nextLine = max(nextLine + interval.wholeNanoseconds, now)
  }

  /// Elasticsearch was asked for lines.
  /// - Parameter counts: how often each was found, by its id; nil where there was no answer.
  mutating func looked(for lines: [ProbeLine], counts: [String: Int]?, at now: UInt64) -> [Finding] {
    var findings: [Finding] = []
    var rest: [Flight] = []
    for var flight in flights {
      guard lines.contains(flight.line) else {
        rest.append(flight)
        continue
      }
      flight.lookedAt = now
      let count = counts?[flight.line.id] ?? 0
      let age = now - flight.sentAt
      if count > 0, !flight.isFound {
        findings.append(.searchable(after: .nanoseconds(Int64(clamping: age))))
        flight.isFound = true
      }
      if count > 1, !flight.isDouble {
        findings.append(.duplicate)
        flight.isDouble = true
      }
      if age < deadline.wholeNanoseconds {
        rest.append(flight)
      } else if !flight.isFound {
        findings.append(.missing)
      }
    }
    flights = rest
    return findings
  }

  private func lookDue(_ flight: Flight) -> UInt64 {
    let last = flight.sentAt + deadline.wholeNanoseconds
    if flight.isFound { return last }
    let isYoung = flight.lookedAt - flight.sentAt < CanaryAccount.soonFor.wholeNanoseconds
    let pause = isYoung ? CanaryAccount.soon : CanaryAccount.later
    return min(last, flight.lookedAt + pause.wholeNanoseconds)
  }
}

extension Duration {
  fileprivate var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}

/// What all rounds of moving documents into a sink came to, for one shape of backlog. Pure.
struct DeliveryResults: Sendable, Equatable {
  let shape: DeliveryShape
  var rounds: [DeliveryComparison.Runner: [Round]] = [:]
  /// Who did not take part, and why.
  var missing: [String] = []

  init(shape: DeliveryShape) { self.shape = shape }

  /// Documents per second.
  func speed(_ runner: DeliveryComparison.Runner) -> Samples? {
    rounds[runner].flatMap { Samples($0.map(\.linesPerSecond)) }
  }

  /// CPU microseconds a document.
  func cost(_ runner: DeliveryComparison.Runner) -> Samples? {
    rounds[runner].flatMap { Samples($0.map(\.microsecondsPerLine)) }
  }

  /// Documents per second as a share of the bare consumer's.
  func speedShare(_ runner: DeliveryComparison.Runner) -> Samples? {
    guard let bare = speed(.bare) else { return nil }
    return speed(runner)?.ratio(to: bare)
  }

  /// Documents that are moved in a second of CPU time, as a multiple of what another makes of it.
  func share(of runner: DeliveryComparison.Runner, to other: DeliveryComparison.Runner = .bare) -> Samples? {
    guard let mine = cost(runner), let theirs = cost(other) else { return nil }
    return theirs.ratio(to: mine)
  }

  /// The most memory that Flow ever had.
  var flowPeak: Int? { rounds[.flow]?.map(\.memory.peak).max() }
}

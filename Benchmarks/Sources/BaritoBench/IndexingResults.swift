/// What all rounds of indexing in a real Elasticsearch came to. Its CPU time is the rounds' client's. Pure.
struct IndexingResults: Sendable, Equatable {
  let shape: DeliveryShape
  var rounds: [ElasticsearchComparison.Runner: [Round]] = [:]

  init(shape: DeliveryShape) { self.shape = shape }

  /// Documents per second.
  func speed(_ runner: ElasticsearchComparison.Runner) -> Samples? {
    rounds[runner].flatMap { Samples($0.map(\.linesPerSecond)) }
  }

  /// CPU microseconds a document.
  func cost(_ runner: ElasticsearchComparison.Runner) -> Samples? {
    rounds[runner].flatMap { Samples($0.map(\.microsecondsPerLine)) }
  }

  /// CPU microseconds that Elasticsearch spends on a document.
  func serverCost(_ runner: ElasticsearchComparison.Runner) -> Samples? {
    rounds[runner].flatMap { rounds in
      Samples(rounds.compactMap { round in round.clientCPUSeconds.map { $0 * 1_000_000 / Double(round.cpuLines) } })
    }
  }

  /// Flow's documents per second as a share of the loader's.
  var flowShare: Samples? {
    guard let loader = speed(.loader) else { return nil }
    return speed(.flow)?.ratio(to: loader)
  }

  var flowPeak: Int? { rounds[.flow]?.map(\.memory.peak).max() }
}

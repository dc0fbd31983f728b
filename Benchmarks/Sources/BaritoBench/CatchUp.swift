/// An app's lines alone, and beside an app that catches up, round by round. Pure.
struct CatchUp: Sendable, Equatable {
  var alone: [Freshness] = []
  var beside: [Freshness] = []

  /// How much older they are beside the other app, as a multiple: in the middle, and at the end of the old ones.
  var p50Growth: Samples? { growth(\.latencies.p50) }
  var p99Growth: Samples? { growth(\.latencies.p99) }

  private func growth(_ value: (Freshness) -> Double) -> Samples? {
    guard let alone = Samples(alone.map(value)) else { return nil }
    return Samples(beside.map(value))?.ratio(to: alone)
  }
}

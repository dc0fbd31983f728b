/// How fresh lines are while Flow has room to spare: at half of what it indexes when there is a backlog.
struct HalfSpeed: Sendable, Equatable {
  /// Lines per second.
  var rate: Int
  /// Of each round.
  var seconds: Double
  var rounds: [Freshness] = []

  /// Milliseconds, the median of the rounds.
  var p50: Double? { Samples(rounds.map(\.latencies.p50))?.median }
  var p99: Double? { Samples(rounds.map(\.latencies.p99))?.median }
}

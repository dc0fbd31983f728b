import BaritoCore

/// Proves that a cluster works.
protocol Prover: Sendable {
  func prove(_ cluster: ClusterName, _ endpoints: ClusterEndpoints) async -> Proof
}

/// What came of it.
enum Proof: Sendable, Equatable {
  /// A line was found, so long after it was sent.
  case searchable(after: Duration)
  /// Which leg of the way failed, and why.
  case failed(String)
  /// The service stops.
  case stopped
}

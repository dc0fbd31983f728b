/// What a Router with many apps is like.
struct CrowdResults: Sendable, Equatable {
  var apps: Int
  var sending: Int
  /// From the start of the process until `/readyz` said yes, each time.
  var startSeconds: [Double]
  /// With nothing sent yet.
  var memoryAtStart: ProcessUsage.Memory
  /// Behind the load of those that send.
  var memoryInUse: ProcessUsage.Memory
}

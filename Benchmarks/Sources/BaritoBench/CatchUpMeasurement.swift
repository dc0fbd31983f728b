/// What an app notices of another one that has a lot to catch up with: how fresh its lines are beside that, and alone.
struct CatchUpMeasurement {
  let stage: Stage
  let configuration: BenchConfiguration
  /// What the other app has missed.
  let backlog: DeliveryShape

  /// Lines per second of the app that has missed nothing.
  static let rate = 1000
  /// About what a real Elasticsearch takes for a few hundred documents; always the same, so that a difference is Flow's.
  static let delay = Duration.milliseconds(20)

  /// - Parameters:
  ///   - name: of the receiver, for names of topics.
  ///   - prepare: is called before each measurement.
  func run(
    _ name: String, _ receiver: Receiver, progress: (String) -> Void, prepare: () throws -> Void = {}
  ) throws -> CatchUp {
    let measurement = FreshnessMeasurement(
      stage: stage, receiver: receiver, rate: CatchUpMeasurement.rate, settle: configuration.settle,
      seconds: configuration.freshSeconds)
    var results = CatchUp()
    for number in 0..<configuration.rounds {
      progress("round \(number + 1) of \(configuration.rounds): an app beside one that catches up, \(name)")
      for isAlone in number.isMultiple(of: 2) ? [true, false] : [false, true] {
        try prepare()
        let app = DeliveryShape.fresh(
          "\(backlog.name)-\(name)-\(number)-\(isAlone ? "alone" : "beside")", partitions: configuration.partitions)
        let freshness = try measurement.run(app, beside: isAlone ? nil : backlog)
        if isAlone { results.alone.append(freshness) } else { results.beside.append(freshness) }
      }
    }
    return results
  }
}

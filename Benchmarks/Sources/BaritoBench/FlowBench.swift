/// Flow's half of the benchmark: lines out, from Kafka into a sink and into a real Elasticsearch.
struct FlowBench {
  let stage: Stage
  let configuration: BenchConfiguration

  func run(progress: (String) -> Void) throws -> FlowResults {
    var results = FlowResults()
    let shapes = DeliveryShape.all(configuration)
    for shape in shapes {
      try attempt(shape.title, &results) { results in
        results.deliveries.append(try measureDelivery(shape, hasPeers: false, progress))
      }
    }
    let peers = DeliveryShape.peers(configuration)
    try attempt(peers.title, &results) { results in
      var idle: Double?
      results.peers = try measureDelivery(peers, hasPeers: true, progress) { flow in
        progress("\(decimal(configuration.idleSeconds, digits: 0)) s with nothing sent")
        idle = try Idle.measure(flow, seconds: configuration.idleSeconds)
      }
      results.idleSeconds = idle
    }
    let catchUp = CatchUpMeasurement(stage: stage, configuration: configuration, backlog: shapes[0])
    try attempt("an app beside one that catches up", &results) { results in
      results.catchUp = try catchUp.run(
        "sink", .sink(delay: configuration.catchUpDelay), progress: progress)
    }
    let crowd = DeliveryShape.crowd(configuration)
    try attempt("an app beside many that catch up", &results) { results in
      progress("filling Kafka: \(crowd.title)")
      try stage.fill(crowd)
      results.crowd = try CatchUpMeasurement(stage: stage, configuration: configuration, backlog: crowd).run(
        "crowd", .sink(delay: configuration.catchUpDelay), progress: progress)
    }
    try attempt("Elasticsearch", &results) { results in
      try measureElasticsearch(catchUp, &results, progress)
    }
    return results
  }

  private func measureDelivery(
    _ shape: DeliveryShape, hasPeers: Bool, _ progress: (String) -> Void,
    whileIdle: (ChildProcess) throws -> Void = { _ in }
  ) throws -> DeliveryResults {
    progress("filling Kafka: \(shape.title)")
    let comparison = DeliveryComparison(
      stage: stage, shape: shape, rounds: shape.rounds(of: configuration.rounds), warmsUp: !configuration.isQuick,
      hasPeers: hasPeers)
    try comparison.prepare()
    return try comparison.run(progress: progress, whileIdle: whileIdle)
  }

  private func measureElasticsearch(
    _ catchUp: CatchUpMeasurement, _ results: inout FlowResults, _ progress: (String) -> Void
  ) throws {
    guard let engine = configuration.engine else {
      throw BenchError("nothing is there that starts one; give --engines")
    }
    progress("starting Elasticsearch")
    let elasticsearch = try Elasticsearch.start(engine, stage.children)
    results.elasticsearch = elasticsearch.title
    let comparison = ElasticsearchComparison(
      stage: stage, elasticsearch: elasticsearch, shape: .indexed(configuration), rounds: configuration.rounds,
      warmsUp: !configuration.isQuick)
    progress("filling Kafka: \(comparison.shape.title)")
    try comparison.prepare()
    let indexing = try comparison.run(progress: progress)
    results.indexing = indexing
    try attempt("freshness at half of the speed", &results) { results in
      guard let speed = indexing.speed(.flow) else { return }
      results.halfSpeed = try measureFreshness(max(1, Int(speed.median / 2)), elasticsearch, progress)
    }
    let backlog = catchUp.backlog
    try attempt("an app beside one that catches up, into Elasticsearch", &results) { results in
      results.catchUpIndexing = try catchUp.run(
        "indexing", .elasticsearch(elasticsearch), progress: progress
      ) { try elasticsearch.deleteIndices(backlog.indexPrefix) }
    }
  }

  private func measureFreshness(
    _ rate: Int, _ elasticsearch: Elasticsearch, _ progress: (String) -> Void
  ) throws -> HalfSpeed {
    let measurement = FreshnessMeasurement(
      stage: stage, receiver: .elasticsearch(elasticsearch), rate: rate, settle: configuration.settle,
      seconds: configuration.freshSeconds)
    var half = HalfSpeed(rate: rate, seconds: configuration.freshSeconds)
    for number in 0..<configuration.rounds {
      progress(
        "round \(number + 1) of \(configuration.rounds): \(grouped(Double(rate))) lines a second into Elasticsearch")
      half.rounds.append(
        try measurement.run(.fresh("half-\(number)", partitions: configuration.partitions)))
    }
    return half
  }

  /// What cannot be measured is left out, with the reason; only an interruption ends everything.
  private func attempt(
    _ what: String, _ results: inout FlowResults, _ measure: (inout FlowResults) throws -> Void
  ) throws {
    do {
      try measure(&results)
    } catch {
      try Interruption.check()
      results.missing.append("\(what): \(error)")
    }
  }
}

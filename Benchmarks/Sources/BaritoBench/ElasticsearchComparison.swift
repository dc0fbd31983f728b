/// Documents per second into a real Elasticsearch: Flow against a loader that sends bulk bodies of the same documents, made
/// before. Both go through the same sink, which counts; both write the same documents, under the same ids, into indices of
/// the same names, which Flow's template shapes and which are new in each round.
struct ElasticsearchComparison {
  let stage: Stage
  let elasticsearch: Elasticsearch
  let shape: DeliveryShape
  let rounds: Int
  var warmsUp = true

  enum Runner: String, Sendable, CaseIterable {
    // Flow comes first, as it brings the index template along.
    case flow, loader

    /// As the results call it.
    var title: String {
      switch self {
      case .loader: "a loader with ready-made bodies"
      case .flow: "Flow"
      }
    }
  }

  /// Fills the topic, and lets the server's code grow warm, which takes more than one round's documents.
  func prepare() throws {
    try stage.fill(shape)
    guard warmsUp else { return }
    for runner in Runner.allCases { _ = try run(runner) }
  }

  func run(progress: (String) -> Void) throws -> IndexingResults {
    var results = IndexingResults(shape: shape)
    for number in 0..<rounds {
      for runner in number.isMultiple(of: 2) ? Runner.allCases : Runner.allCases.reversed() {
        progress("round \(number + 1) of \(rounds), \(shape.title) into Elasticsearch: \(runner.title)")
        results.rounds[runner, default: []].append(try run(runner))
      }
    }
    return results
  }

  private func run(_ runner: Runner) throws -> Round {
    try elasticsearch.deleteIndices(shape.indexPrefix)
    // What the server still does for those that are gone is nobody's.
    try Interruption.sleep(.seconds(1))
    let (sink, port) = try Receiver.elasticsearch(elasticsearch).start(stage.children, expecting: shape.lines)
    defer { sink.stop() }
    let server = try ProcessUsage.cpuSeconds(of: elasticsearch.process)
    var round =
      switch runner {
      case .flow: try runFlow(sink, port)
      case .loader: try runLoader(sink, port)
      }
    round.clientCPUSeconds = try ProcessUsage.cpuSeconds(of: elasticsearch.process) - server
    try elasticsearch.requireTemplate(shape.indexPrefix)
    let found = try elasticsearch.documents(in: shape.indexPrefix)
    guard found == shape.lines else { throw BenchError("\(found) of \(shape.lines) documents are in Elasticsearch") }
    return round
  }

  private func runFlow(_ sink: ChildProcess, _ port: Int) throws -> Round {
    let flow = try stage.startFlow(topicPrefix: shape.topicPrefix, apps: shape.apps, into: port)
    defer { flow.stop() }
    let report = try sink.report(within: .seconds(300))
    let round = Round(
      lines: try report.count("lines"), seconds: try report.number("seconds"),
      cpuSeconds: try ProcessUsage.cpuSeconds(of: flow.pid), cpuLines: shape.lines, clientCPUSeconds: nil,
      memory: try ProcessUsage.memory(of: flow.pid))
    try flow.checkAlive()
    return round
  }

  private func runLoader(_ sink: ChildProcess, _ port: Int) throws -> Round {
    let loader = try stage.children.start(
      BulkLoad.name,
      BareCommands.reading(shape, stage) + ["--port", "\(port)", "--index", "\(shape.topicPrefix)lines".lowercased()])
    let own = try loader.report(within: .seconds(300))
    try loader.finish()
    let report = try sink.report(within: .seconds(30))
    return Round(
      lines: try report.count("lines"), seconds: try report.number("seconds"), cpuSeconds: try own.number("cpu"),
      cpuLines: shape.lines, clientCPUSeconds: nil, memory: try BareCommands.memory(own))
  }
}

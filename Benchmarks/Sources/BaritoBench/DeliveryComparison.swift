/// Documents per second through Flow into a sink that takes everything, against a bare consumer of the same topic.
struct DeliveryComparison {
  let stage: Stage
  let configuration: BenchConfiguration
  let router: ChildProcess

  /// What came of all rounds, and what ran idle behind them.
  struct Outcome {
    var contenders: [Contender]
    /// CPU seconds used while nothing was sent, by service.
    var idle: [(name: String, cpuSeconds: Double)]
  }

  /// Fills the topic that is read, and reads it once for a Kafka that is warm.
  func prepare() throws {
    let child = try stage.children.start(
      BareCommands.producer, BareCommands.arguments(stage, .backlog) + ["--count", "\(configuration.backlog)"])
    let report = try child.report(within: .seconds(900))
    try child.finish()
    guard try report.count("lines") >= configuration.backlog else {
      throw BenchError("the backlog has \(try report.count("lines")) lines of \(configuration.backlog)")
    }
    if !configuration.isQuick { _ = try runBare() }
  }

  func run(progress: (String) -> Void) throws -> Outcome {
    var flow = Contender(name: "Flow into a sink")
    var bare = Contender(name: "bare librdkafka")
    var idle: [(String, Double)] = []
    for number in 0..<configuration.rounds {
      let isLast = number == configuration.rounds - 1
      // The last round ends with Flow, which then shows what it does with nothing to do.
      let bareFirst = isLast || number.isMultiple(of: 2)
      for isBare in [bareFirst, !bareFirst] {
        progress("round \(number + 1) of \(configuration.rounds): \(isBare ? bare.name : flow.name)")
        if isBare {
          bare.rounds.append(try runBare())
        } else {
          flow.rounds.append(
            try runFlow(number) { process in
              guard isLast else { return }
              progress("\(decimal(configuration.idleSeconds, digits: 0)) s with nothing sent")
              idle = try measureIdle([("Router", router), ("Flow", process)])
            })
        }
      }
    }
    return Outcome(contenders: [bare, flow], idle: idle)
  }

  private func runBare() throws -> Round {
    let arguments =
      BareCommands.arguments(stage, .backlog) + [
        "--count", "\(configuration.backlog)", "--partitions", "\(stage.partitions)",
      ]
    let child = try stage.children.start(BareCommands.consumer, arguments)
    let report = try child.report(within: .seconds(300))
    try child.finish()
    return Round(
      lines: try report.count("lines"), seconds: try report.number("seconds"), cpuSeconds: try report.number("cpu"),
      cpuLines: configuration.backlog, clientCPUSeconds: nil, memory: try BareCommands.memory(report))
  }

  /// A Flow of its own consumer group, which begins with the first line.
  private func runFlow(_ number: Int, _ whileIdle: (ChildProcess) throws -> Void) throws -> Round {
    let sink = try stage.children.start(SinkCommand.name, ["--count", "\(configuration.backlog)"])
    defer { sink.stop() }
    let flow = try stage.startFlow(
      group: "flow-\(number)", sinkPort: try sink.report(within: .seconds(10)).count("port"))
    defer { flow.stop() }
    let report = try sink.report(within: .seconds(300))
    let round = Round(
      lines: try report.count("lines"), seconds: try report.number("seconds"),
      cpuSeconds: try ProcessUsage.cpuSeconds(of: flow.pid), cpuLines: configuration.backlog,
      clientCPUSeconds: try report.number("cpu"), memory: try ProcessUsage.memory(of: flow.pid))
    try flow.checkAlive()
    try whileIdle(flow)
    return round
  }

  private func measureIdle(_ services: [(String, ChildProcess)]) throws -> [(String, Double)] {
    // The last commit and the last answers are not idleness.
    try Interruption.sleep(.seconds(2))
    let before = try services.map { try ProcessUsage.cpuSeconds(of: $0.1.pid) }
    try Interruption.sleep(.seconds(configuration.idleSeconds))
    return try zip(services, before).map { service, before in
      (service.0, try ProcessUsage.cpuSeconds(of: service.1.pid) - before)
    }
  }
}

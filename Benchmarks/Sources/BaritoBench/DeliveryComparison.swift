import Glibc

/// Documents per second through Flow into a sink that takes everything, against a bare consumer of the same topic, and
/// against rsyslog where it is installed.
struct DeliveryComparison {
  let stage: Stage
  let configuration: BenchConfiguration
  let router: ChildProcess

  /// What came of all rounds, and what ran idle behind them.
  struct Outcome {
    /// The bare consumer, Flow, and whoever else took part.
    var contenders: [Contender]
    /// Who did not, and why.
    var missing: [String] = []
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

  private enum Runner: CaseIterable { case bare, rsyslog, flow }

  func run(progress: (String) -> Void) throws -> Outcome {
    var contenders: [Runner: Contender] = [
      .bare: Contender(name: "bare librdkafka"), .flow: Contender(name: "Flow into a sink"),
      .rsyslog: Contender(name: "rsyslog, imkafka to omelasticsearch"),
    ]
    var missing: [String] = []
    if let lacking = RsyslogDelivery.files.first(where: { access($0, R_OK) != 0 }) {
      contenders[.rsyslog] = nil
      missing.append("rsyslog: there is no \(lacking); apt-get install \(RsyslogDelivery.packages)")
    }
    var idle: [(String, Double)] = []
    for number in 0..<configuration.rounds {
      let isLast = number == configuration.rounds - 1
      // The last round ends with Flow, which then shows what it does with nothing to do.
      let order = isLast || number.isMultiple(of: 2) ? Runner.allCases : Runner.allCases.reversed()
      for runner in order {
        guard let name = contenders[runner]?.name else { continue }
        progress("round \(number + 1) of \(configuration.rounds): \(name)")
        switch runner {
        case .bare: contenders[runner]?.rounds.append(try runBare())
        case .rsyslog: contenders[runner]?.rounds.append(try runRsyslog(number))
        case .flow:
          let round = try runFlow(number) { process in
            guard isLast else { return }
            progress("\(decimal(configuration.idleSeconds, digits: 0)) s with nothing sent")
            idle = try measureIdle([("Router", router), ("Flow", process)])
          }
          contenders[runner]?.rounds.append(round)
        }
      }
    }
    let all = [Runner.bare, .flow, .rsyslog].compactMap { contenders[$0] }
    return Outcome(contenders: all, missing: missing, idle: idle)
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
    try runIntoSink(whileIdle) { port in try stage.startFlow(group: "flow-\(number)", sinkPort: port) }
  }

  private func runRsyslog(_ number: Int) throws -> Round {
    try runIntoSink { port in
      let folder = stage.children.folder
      let peer = RsyslogDelivery(
        broker: stage.broker.address, topic: Stage.App.backlog.topic,
        group: "\(Stage.App.backlog.topic)-rsyslog-\(number)",
        sinkPort: port)
      let file = "\(folder)/rsyslog-delivery-\(number).conf"
      try TextFile.write(Array(peer.configuration(folder: folder).utf8), to: file)
      return try stage.children.start(
        "rsyslog-delivery", RsyslogPeer.program, ["-n", "-f", file, "-i", "\(folder)/rsyslog-delivery-\(number).pid"])
    }
  }

  /// - Parameter start: is given the port of the sink.
  private func runIntoSink(
    _ whileIdle: (ChildProcess) throws -> Void = { _ in }, start: (Int) throws -> ChildProcess
  ) throws -> Round {
    let sink = try stage.children.start(SinkCommand.name, ["--count", "\(configuration.backlog)"])
    defer { sink.stop() }
    let process = try start(try sink.report(within: .seconds(10)).count("port"))
    defer { process.stop() }
    let report = try sink.report(within: .seconds(300))
    let round = Round(
      lines: try report.count("lines"), seconds: try report.number("seconds"),
      cpuSeconds: try ProcessUsage.cpuSeconds(of: process.pid), cpuLines: configuration.backlog,
      clientCPUSeconds: try report.number("cpu"), memory: try ProcessUsage.memory(of: process.pid))
    try process.checkAlive()
    try whileIdle(process)
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

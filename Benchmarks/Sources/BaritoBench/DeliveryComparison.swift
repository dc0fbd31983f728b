import Glibc

/// Documents per second through Flow into a sink that takes everything, against a bare consumer of the same topics, and
/// against rsyslog where that is wanted and installed.
struct DeliveryComparison {
  let stage: Stage
  let shape: DeliveryShape
  let rounds: Int
  /// Whether everybody's topics are read once before.
  var warmsUp = true
  /// Whether rsyslog takes part.
  var hasPeers = false

  /// Who takes part.
  enum Runner: String, Sendable, CaseIterable {
    case bare, rsyslog, flow

    /// As the results call it.
    var title: String {
      switch self {
      case .bare: "bare librdkafka"
      case .rsyslog: "rsyslog, imkafka to omelasticsearch"
      case .flow: "Flow into a sink"
      }
    }
  }

  /// Fills the topics that are read, and reads them once for a Kafka that is warm.
  func prepare() throws {
    try stage.fill(shape)
    if warmsUp { _ = try runBare() }
  }

  /// - Parameter whileIdle: is given the Flow of the last round, when it has nothing left to do.
  func run(progress: (String) -> Void, whileIdle: (ChildProcess) throws -> Void = { _ in }) throws -> DeliveryResults {
    var results = DeliveryResults(shape: shape)
    var runners = Runner.allCases
    if !hasPeers {
      runners.removeAll { $0 == .rsyslog }
    } else if let lacking = RsyslogDelivery.files.first(where: { access($0, R_OK) != 0 }) {
      runners.removeAll { $0 == .rsyslog }
      results.missing.append("rsyslog: there is no \(lacking); apt-get install \(RsyslogDelivery.packages)")
    }
    for number in 0..<rounds {
      let isLast = number == rounds - 1
      // The last round ends with Flow, which then shows what it does with nothing to do.
      let order = isLast || number.isMultiple(of: 2) ? runners : runners.reversed()
      for runner in order {
        progress("round \(number + 1) of \(rounds), \(shape.title): \(runner.title)")
        let round =
          switch runner {
          case .bare: try runBare()
          case .rsyslog: try runRsyslog(number)
          case .flow: try runFlow(isLast ? whileIdle : { _ in })
          }
        results.rounds[runner, default: []].append(round)
      }
    }
    return results
  }

  private func runBare() throws -> Round {
    let child = try stage.children.start(
      BareCommands.consumer, BareCommands.reading(shape, stage) + ["--line-bytes", "\(shape.lineBytes)"])
    let report = try child.report(within: .seconds(300))
    try child.finish()
    return Round(
      lines: try report.count("lines"), seconds: try report.number("seconds"), cpuSeconds: try report.number("cpu"),
      cpuLines: shape.lines, clientCPUSeconds: nil, memory: try BareCommands.memory(report))
  }

  private func runFlow(_ whileIdle: (ChildProcess) throws -> Void) throws -> Round {
    try runIntoSink(whileIdle) { port in
      try stage.startFlow(topicPrefix: shape.topicPrefix, apps: shape.apps, into: port)
    }
  }

  private func runRsyslog(_ number: Int) throws -> Round {
    try runIntoSink { port in
      let folder = stage.children.folder
      let peer = RsyslogDelivery(
        broker: stage.broker.address, topic: shape.topicNames.pattern, group: stage.newGroup("rsyslog"), sinkPort: port)
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
    let (sink, port) = try Receiver.sink(delay: .zero).start(stage.children, expecting: shape.lines)
    defer { sink.stop() }
    let process = try start(port)
    defer { process.stop() }
    let report = try sink.report(within: .seconds(300))
    let round = Round(
      lines: try report.count("lines"), seconds: try report.number("seconds"),
      cpuSeconds: try ProcessUsage.cpuSeconds(of: process.pid), cpuLines: shape.lines,
      clientCPUSeconds: try report.number("cpu"), memory: try ProcessUsage.memory(of: process.pid))
    try process.checkAlive()
    try whileIdle(process)
    return round
  }
}

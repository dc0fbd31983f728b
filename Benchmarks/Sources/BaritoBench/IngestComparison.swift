/// Lines per second acknowledged through the Router, against a bare producer of the same lines.
struct IngestComparison {
  /// Who takes part. The bare producer runs twice: as fast as its queue allows, and with no more lines in flight than the
  /// connections to the Router can have, which tells what waiting for acknowledgements costs apart from what we cost.
  enum Entry: Equatable {
    case bare(window: Int?)
    case router(ProduceRequests.Format)

    var title: String {
      switch self {
      case .bare(nil): "bare librdkafka"
      case .bare(let window?): "bare librdkafka, \(grouped(Double(window))) in flight"
      case .router(let format): "Router, \(format.title)"
      }
    }
  }

  let stage: Stage
  let configuration: BenchConfiguration
  let router: ChildProcess
  let routerPort: Int

  var entries: [Entry] {
    [.bare(window: nil), .bare(window: configuration.connections * configuration.linesPerRequest)]
      + configuration.formats.map { .router($0) }
  }

  /// Makes the topics, by sending a request to each, and lets the Kafka grow warm: its first seconds are slow ones.
  func prepare() throws {
    for app in Stage.App.allCases { _ = try load(.ndjson, to: app, seconds: 0) }
    guard !configuration.isQuick else { return }
    _ = try run(.bare(window: nil))
    _ = try run(.router(.ndjson))
  }

  /// Runs all rounds. Each begins with another entry, so that none always comes first.
  func run(progress: (String) -> Void) throws -> [Contender] {
    var contenders = entries.map { Contender(name: $0.title) }
    for number in 0..<configuration.rounds {
      for step in entries.indices {
        let place = (step + number) % entries.count
        progress("round \(number + 1) of \(configuration.rounds): \(entries[place].title)")
        contenders[place].rounds.append(try run(entries[place]))
      }
    }
    return contenders
  }

  private func run(_ entry: Entry) throws -> Round {
    switch entry {
    case .bare(let window): try runBare(window)
    case .router(let format): try runRouter(format)
    }
  }

  private func runRouter(_ format: ProduceRequests.Format) throws -> Round {
    let report = try load(format, to: .router, seconds: configuration.seconds)
    let lines = try report.count("lines")
    return Round(
      lines: lines, seconds: try report.number("seconds"), cpuSeconds: try report.number("server-cpu"),
      cpuLines: lines, clientCPUSeconds: try report.number("cpu"), memory: try ProcessUsage.memory(of: router.pid))
  }

  private func runBare(_ window: Int?) throws -> Round {
    var arguments = BareCommands.arguments(stage, .bare) + ["--time", milliseconds(configuration.seconds)]
    if let window { arguments += ["--window", "\(window)"] }
    let child = try stage.children.start(BareCommands.producer, arguments)
    let report = try child.report(within: .seconds(configuration.seconds + 60))
    try child.finish()
    let lines = try report.count("lines")
    return Round(
      lines: lines, seconds: try report.number("seconds"), cpuSeconds: try report.number("cpu"), cpuLines: lines,
      clientCPUSeconds: nil, memory: try BareCommands.memory(report))
  }

  /// - Parameter seconds: 0 sends one request only.
  private func load(_ format: ProduceRequests.Format, to app: Stage.App, seconds: Double) throws -> Report {
    let child = try stage.children.start(
      LoadCommand.name,
      [
        "--port", "\(routerPort)", "--server", "\(router.pid)", "--secret", app.secret, "--format", format.rawValue,
        "--connections", "\(configuration.connections)", "--lines", "\(configuration.linesPerRequest)", "--time",
        milliseconds(seconds),
      ])
    let report = try child.report(within: .seconds(seconds + 90))
    try child.finish()
    try router.checkAlive()
    return report
  }
}

/// Lines per second acknowledged through the Router and through its peers, against a bare producer of the same lines.
struct IngestComparison {
  /// Who takes part. The bare producer runs as fast as its queue allows, and with no more lines in flight than the base's
  /// connections can have, which tells what waiting for acknowledgements costs apart from what we cost.
  enum Entry: Sendable, Hashable {
    case bare(window: Int?, lineBytes: Int)
    case load(LoadPoint)

    static let reference = Entry.bare(window: nil, lineBytes: LogLines.lineBytes)

    var title: String {
      switch self {
      case .bare(let window, let bytes):
        "bare librdkafka" + (window.map { ", \(grouped(Double($0))) in flight" } ?? "")
          + (bytes == LogLines.lineBytes ? "" : ", lines of \(bytes) bytes")
      case .load(let point): point.title
      }
    }

    var lineBytes: Int {
      switch self {
      case .bare(_, let bytes): bytes
      case .load(let point): point.lineBytes
      }
    }
  }

  /// A server that runs, and what its load is told.
  struct Running {
    var process: ChildProcess
    var port: Int
    var secret: String
    var apps = 1
  }

  let stage: Stage
  let configuration: BenchConfiguration
  let servers: [LoadPoint.Server: Running]

  private static let sizes = [LogLines.lineBytes, 1024]

  /// Of those whose server runs.
  private var points: [LoadPoint] {
    LoadPoint.all(crowd: configuration.crowdSending).filter { servers[$0.server] != nil }
  }

  /// Makes the topics, by sending a request to each, and lets the Kafka grow warm: its first seconds are slow ones.
  /// - Returns: what takes part, without what this Router does not speak.
  func prepare(progress: (String) -> Void) throws -> (entries: [Entry], missing: [String]) {
    guard let router = servers[.router] else { throw BenchError("there is no Router") }
    for app in Stage.App.allCases {
      _ = try load(.base, to: Running(process: router.process, port: router.port, secret: app.secret), seconds: 0)
    }
    var missing: [String] = []
    var taking = points
    for (server, running) in servers where running.apps > 1 {
      progress("making the topics of \(running.apps) apps")
      do {
        _ = try load(LoadPoint(lines: 1, server: server), to: running, seconds: 0)
      } catch {
        missing.append("\(LoadPoint(server: server).title): \(error)")
        taking.removeAll { $0.server == server }
      }
    }
    progress("trying each contender")
    taking = taking.filter { point in
      do {
        _ = try load(point, seconds: 0.1)
        return true
      } catch {
        let isUnknown = "\(error)".contains(" 404 ")
        missing.append("\(point.title): \(isUnknown ? "this Router does not take it" : "\(error)")")
        return false
      }
    }
    guard taking.contains(.base) else { throw BenchError(missing.joined(separator: "\n")) }
    try Interruption.check()
    let window = LoadPoint.base.connections * LoadPoint.base.lines
    let bare = IngestComparison.sizes.map { Entry.bare(window: nil, lineBytes: $0) }
    if !configuration.isQuick { for entry in bare { _ = try run(entry) } }
    return (
      [bare[0], .bare(window: window, lineBytes: LogLines.lineBytes)] + bare.dropFirst() + taking.map { .load($0) },
      missing
    )
  }

  /// Runs all rounds. Each begins with another entry, so that none always comes first.
  /// - Returns: the results, and who failed in which round: it has no ratios, as its rounds are fewer.
  func run(
    _ entries: [Entry], progress: (String) -> Void
  ) throws -> (results: IngestResults, failures: [String]) {
    var results = IngestResults(entries)
    var failures: [String] = []
    for number in 0..<configuration.rounds {
      progress("round \(number + 1) of \(configuration.rounds): \(entries.count) contenders")
      let first = number * entries.count / configuration.rounds
      for step in entries.indices {
        let place = (step + first) % entries.count
        do {
          results.contenders[place].rounds.append(try run(entries[place]))
        } catch {
          try Interruption.check()
          guard case .load(let point) = entries[place], point != .base else { throw error }
          failures.append("\(point.title), round \(number + 1): \(error)")
        }
      }
    }
    return (results, failures)
  }

  /// The base's requests at half of the rate that it reached, sent whether or not the Router keeps up.
  func runAtHalfLoad(_ results: IngestResults) throws -> HalfLoad? {
    guard let speed = results.speed(.load(.base)) else { return nil }
    let rate = max(1, Int(speed.median / 2 / Double(LoadPoint.base.lines)))
    var latencies: [Latencies] = []
    var round: Round?
    for _ in 0..<configuration.rounds {
      let one = try load(.base, seconds: configuration.halfLoadSeconds, rate: rate)
      if let taken = one.latencies { latencies.append(taken) }
      round = one
    }
    guard let round else { return nil }
    return HalfLoad(
      requestsPerSecond: rate, linesPerSecond: round.linesPerSecond, seconds: configuration.halfLoadSeconds,
      latencies: latencies)
  }

  private func run(_ entry: Entry) throws -> Round {
    switch entry {
    case .bare(let window, let bytes): try runBare(window, bytes)
    case .load(let point): try load(point, seconds: configuration.seconds)
    }
  }

  private func runBare(_ window: Int?, _ bytes: Int) throws -> Round {
    var arguments = BareCommands.arguments(stage, .bare)
    arguments += ["--time", milliseconds(configuration.seconds), "--line-bytes", "\(bytes)"]
    if let window { arguments += ["--window", "\(window)"] }
    let child = try stage.children.start(BareCommands.producer, arguments)
    let report = try child.report(within: .seconds(configuration.seconds + 60))
    try child.finish()
    let lines = try report.count("lines")
    return Round(
      lines: lines, seconds: try report.number("seconds"), cpuSeconds: try report.number("cpu"), cpuLines: lines,
      clientCPUSeconds: nil, memory: try BareCommands.memory(report))
  }

  private func load(_ point: LoadPoint, seconds: Double, rate: Int = 0) throws -> Round {
    guard let running = servers[point.server] else { throw BenchError("\(point.title) has no server") }
    return try load(point, to: running, seconds: seconds, rate: rate)
  }

  /// - Parameter seconds: 0 sends one request of each app only.
  private func load(_ point: LoadPoint, to server: Running, seconds: Double, rate: Int = 0) throws -> Round {
    var arguments = [
      "--port", "\(server.port)", "--server", "\(server.process.pid)", "--secret", server.secret, "--format",
      point.format.rawValue, "--connections", "\(point.connections)", "--lines", "\(point.lines)", "--line-bytes",
      "\(point.lineBytes)", "--apps", "\(server.apps)", "--time", milliseconds(seconds),
    ]
    if rate > 0 { arguments += ["--rate", "\(rate)"] }
    var command = LoadCommand.name
    let common = [
      "--port", "\(server.port)", "--server", "\(server.process.pid)", "--connections", "\(point.connections)",
      "--line-bytes", "\(point.lineBytes)", "--time", milliseconds(seconds),
    ]
    switch point.server {
    case .rsyslog, .syslog:
      command = SyslogLoad.name
      arguments = BareCommands.arguments(stage, point.server == .syslog ? .syslog : .rsyslog) + common
      arguments += ["--partitions", "\(stage.partitions)"]
      if point.server == .syslog { arguments += ["--secret", server.secret] }
    case .forward:
      command = ForwardLoad.name
      arguments = common + ["--secret", server.secret, "--lines", "\(point.lines)"]
    default: break
    }
    let child = try stage.children.start(command, arguments)
    let report = try child.report(within: .seconds(seconds + (seconds == 0 ? 300 : 90)))
    try child.finish()
    try server.process.checkAlive()
    let lines = try report.count("lines")
    let memory = try ProcessUsage.memory(ofFamily: server.process.pid)
    guard seconds > 0 else {
      return Round(lines: lines, seconds: 1, cpuSeconds: 0, cpuLines: lines, clientCPUSeconds: nil, memory: memory)
    }
    return Round(
      lines: lines, seconds: try report.number("seconds"), cpuSeconds: try report.number("server-cpu"),
      cpuLines: lines, clientCPUSeconds: try report.number("cpu"), memory: memory,
      latencies: report.numbers["p50"].flatMap { p50 in report.numbers["p99"].map { .init(p50: p50, p99: $0) } })
  }
}

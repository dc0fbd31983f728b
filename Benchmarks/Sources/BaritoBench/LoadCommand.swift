import Settings

/// `barito-bench load`: the load generator, a process of its own so that its CPU time is told apart.
enum LoadCommand {
  static let name = "load"
  static let port = Setting(required: "port", Int.self, "The service's port.")
  static let server = Setting(required: "server", Int.self, "Its process, whose CPU time is measured.")
  static let secret = Setting(required: "secret", String.self, "The app's secret.")
  static let apps = Setting(
    "apps", Int.self, in: 1...100_000, default: 1,
    "Apps to send as; of more than one, the secret has a number behind it.")
  static let format = Setting("format", ProduceRequests.Format.self, default: .ndjson, "How lines are sent.")
  static let connections = Setting("connections", Int.self, in: 1...1000, default: 16, "Connections.")
  static let lines = Setting("lines", Int.self, in: 1...5000, default: 500, "Lines in a request.")
  static let lineBytes = Setting(
    "line-bytes", Int.self, in: 200...100_000, default: LogLines.lineBytes, "Bytes of a line.")
  static let time = Setting("time", Duration.self, default: .seconds(3), "How long; 0 for one request of each app.")
  static let rate = Setting(
    "rate", Int.self, default: 0, "Requests per second, answered or not; 0 for as many as are answered.")

  static let program = Program(
    name, "Sends lines to a Router, or to what it is compared with.",
    settings: [port, server, secret, apps, format, connections, lines, lineBytes, time, rate])

  static func run(_ settings: SettingsReader) throws {
    let apps = settings[apps]
    let requests = ProduceRequests(
      settings[format], count: 16, linesPerRequest: settings[lines], lineBytes: settings[lineBytes],
      sender: apps == 1
        ? .app(secret: settings[secret]) : .apps(apps) { "\(settings[secret])\($0)" })
    var generator = LoadGenerator(port: settings[port], connections: settings[connections], requests: requests)
    if settings[rate] > 0 { generator.rate = Double(settings[rate]) }
    let process = Int32(settings[server])
    let isOnlyWarmUp = settings[time] == .zero
    try generator.warmUp(within: .seconds(isOnlyWarmUp ? 240 : 30), all: isOnlyWarmUp && apps > 1)
    guard !isOnlyWarmUp else { return Bench.tell(Report(["lines": Double(requests.linesPerRequest)])) }
    let (own, others) = (ProcessUsage.ownCPUSeconds, try ProcessUsage.cpuSeconds(ofFamily: process))
    let result = try generator.run(until: .time(settings[time]))
    guard let latencies = Latencies(result.latencies) else { throw BenchError("no request was answered") }
    Bench.tell(
      Report([
        "lines": Double(result.answered * requests.linesPerRequest), "seconds": result.seconds,
        "cpu": ProcessUsage.ownCPUSeconds - own,
        "server-cpu": try ProcessUsage.cpuSeconds(ofFamily: process) - others, "p50": latencies.p50,
        "p99": latencies.p99,
      ]))
  }
}

extension ProduceRequests.Format: SettingValue {}

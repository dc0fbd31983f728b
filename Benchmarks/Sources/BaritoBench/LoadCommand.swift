import Settings

/// `barito-bench load`: the load generator, a process of its own so that its CPU time is told apart.
enum LoadCommand {
  static let name = "load"
  static let port = Setting(required: "port", Int.self, "The Router's port.")
  static let server = Setting(required: "server", Int.self, "The Router's process, whose CPU time is measured.")
  static let secret = Setting(required: "secret", String.self, "The app's secret.")
  static let format = Setting("format", ProduceRequests.Format.self, default: .ndjson, "How lines are sent.")
  static let time = Setting("time", Duration.self, default: .seconds(3), "How long; 0 for one request.")

  static let program = Program(
    name, "Sends lines to a Router.",
    settings: [port, server, secret, format, time, BenchConfiguration.connections, BenchConfiguration.lines])

  static func run(_ settings: SettingsReader) throws {
    let requests = ProduceRequests(
      settings[format], count: 16, linesPerRequest: settings[BenchConfiguration.lines], secret: settings[secret])
    let generator = LoadGenerator(
      port: settings[port], connections: settings[BenchConfiguration.connections], requests: requests)
    let process = Int32(settings[server])
    try generator.warmUp(within: .seconds(30))
    guard settings[time] > .zero else { return Bench.tell(Report(["lines": Double(requests.linesPerRequest)])) }
    let (own, others) = (ProcessUsage.ownCPUSeconds, try ProcessUsage.cpuSeconds(of: process))
    let result = try generator.run(for: settings[time])
    Bench.tell(
      Report([
        "lines": Double(result.answered * requests.linesPerRequest), "seconds": result.seconds,
        "cpu": ProcessUsage.ownCPUSeconds - own, "server-cpu": try ProcessUsage.cpuSeconds(of: process) - others,
      ]))
  }
}

extension ProduceRequests.Format: SettingValue {}

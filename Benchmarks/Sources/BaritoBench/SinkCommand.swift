import Settings

/// `barito-bench sink`: what stands where Elasticsearch does. Tells its port, where documents are watched then that the
/// first ones were answered, and at last what came when all has come.
enum SinkCommand {
  static let name = "sink"
  static let count = Setting(
    required: "count", Int.self, "Documents to expect; only the watched ones count, where some are watched.")
  static let delay = Setting("delay", Duration.self, default: .zero, "How long each bulk request takes.")
  static let server = Setting(
    "server", Int.self, default: 0, "The port of an Elasticsearch to hand everything on to; 0 answers itself.")
  static let watch = Setting(
    "watch", String?.self, default: nil, "What the indices' names begin with whose documents are watched.")
  static let settle = Setting(
    "settle", Duration.self, default: .seconds(1), "Lines count that are written so long after the first answer.")

  static let program = Program(
    name, "Takes documents and keeps nothing, or hands them on.", settings: [count, delay, server, watch, settle])

  static func run(_ settings: SettingsReader) throws {
    let freshness = settings[watch].map {
      FreshnessAccount(watching: $0, settle: Int64(settings[settle] / .milliseconds(1)))
    }
    let sink = try BulkSink(
      expecting: settings[count],
      answer: settings[server] == 0 ? .own(delay: settings[delay]) : .from(port: settings[server]),
      freshness: freshness)
    Bench.tell(Report(["port": Double(sink.port)]))
    try sink.run {
      if freshness != nil { Bench.tell(Report(["begun": 1])) }
    } onComplete: { documents, seconds in
      var numbers = [
        "lines": Double(documents), "seconds": seconds, "cpu": ProcessUsage.ownCPUSeconds,
        "requests": Double(sink.requests),
      ]
      if let result = sink.freshness?.result { numbers.merge(result.numbers) { $1 } }
      Bench.tell(Report(numbers))
    }
  }
}

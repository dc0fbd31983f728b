import Settings

/// `barito-bench sink`: the Elasticsearch that takes everything. Tells its port, then what came when all has come.
enum SinkCommand {
  static let name = "sink"
  static let count = Setting(required: "count", Int.self, "Documents to expect.")

  static let program = Program(name, "Takes documents and keeps nothing.", settings: [count])

  static func run(_ settings: SettingsReader) throws {
    let sink = try BulkSink(expecting: settings[count])
    Bench.tell(Report(["port": Double(sink.port)]))
    try sink.run { documents, seconds in
      Bench.tell(
        Report([
          "lines": Double(documents), "seconds": seconds, "cpu": ProcessUsage.ownCPUSeconds,
          "requests": Double(sink.requests),
        ]))
    }
  }
}

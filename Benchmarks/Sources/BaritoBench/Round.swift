/// One contender in one round.
struct Round: Sendable, Equatable {
  /// Lines acknowledged, or documents delivered, within `seconds`.
  var lines: Int
  /// Wall time.
  var seconds: Double
  /// CPU time of what is measured. That of its client is apart.
  var cpuSeconds: Double
  /// The lines that `cpuSeconds` were spent on: more than `lines` where the clock started late.
  var cpuLines: Int
  /// CPU time of the load generator or of the sink; nil where there is none.
  var clientCPUSeconds: Double?
  var memory: ProcessUsage.Memory
  /// Of requests; nil where there are none.
  var latencies: Latencies?

  var linesPerSecond: Double { Double(lines) / seconds }
  /// CPU microseconds a line.
  var microsecondsPerLine: Double { cpuSeconds * 1_000_000 / Double(cpuLines) }
  /// Of the client, in cores.
  var clientCores: Double? { clientCPUSeconds.map { $0 / seconds } }
}

/// One way to do the work, and its rounds.
struct Contender: Sendable, Equatable {
  var name: String
  var rounds: [Round] = []
}

import Glibc
import Settings

/// What a run of all comparisons is given.
struct BenchConfiguration {
  var rounds: Int
  /// Seconds that lines are sent for in a round.
  var seconds: Double
  /// Documents that wait for Flow.
  var backlog: Int
  var partitions: Int
  var idleSeconds: Double
  /// Seconds of the load at half of the capacity, in each round.
  var halfLoadSeconds: Double
  /// Apps in the directory of the crowded Router.
  var crowd: Int
  /// Those of them that send, to a topic each.
  var crowdSending: Int
  var broker: Broker.Source
  /// Where the results go; nil for standard output alone.
  var output: String?
  var isQuick: Bool

  static let rounds = Setting("rounds", Int.self, in: 1...100, default: 3, "Rounds of each comparison.")
  static let duration = Setting(
    "seconds", Int.self, in: 1...600, default: 2, "Seconds that lines are sent for in a round.")
  static let backlog = Setting(
    "backlog", Int.self, in: 20_000...100_000_000, default: 1_000_000, "Documents that Flow moves in a round.")
  static let partitions = Setting("partitions", Int.self, in: 1...64, default: 4, "Partitions of every topic.")
  static let quick = Setting(
    "quick", Bool.self, default: false, "One short round, no file: shows that the benchmark works, not how fast.")
  static let kafka = Setting(
    "kafka", String?.self, default: nil, "A running Kafka, host:port; empty starts one.")
  static let engine = Setting(
    "engines", String.self, default: "../shared/engines/engine",
    "The program that starts real servers, Kafka among them.")
  static let noida = Setting(
    "noida", String?.self, default: nil, "The server of noida-db, where there is no real Kafka.")
  static let results = Setting(
    "output", String.self, default: "docs/results/bench.md", "The file that the results are written to.")

  static let settings: [any DeclaredSetting] = [
    rounds, duration, backlog, partitions, quick, kafka, engine, noida, results,
  ]

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    isQuick = settings[Self.quick]
    rounds = isQuick ? 1 : settings[Self.rounds]
    seconds = isQuick ? 1 : Double(settings[Self.duration])
    backlog = isQuick ? 50_000 : settings[Self.backlog]
    partitions = settings[Self.partitions]
    idleSeconds = isQuick ? 1 : 5
    halfLoadSeconds = isQuick ? 1 : 5
    (crowd, crowdSending) = isQuick ? (2000, 20) : (100_000, 1000)
    output = isQuick && !settings.isGiven(Self.results) ? nil : settings[Self.results]
    let hasEngine = access(settings[Self.engine], X_OK) == 0
    if let address = settings[Self.kafka] {
      broker = .running(address)
    } else if hasEngine {
      broker = .engine(settings[Self.engine])
    } else {
      broker = .noida(settings[Self.noida] ?? "")
    }
    let noida = settings[Self.noida]
    try settings.verify { rules in
      rules.require(
        settings[Self.kafka] != nil || hasEngine || noida != nil, Self.kafka, "names no Kafka, and none can be started",
        remedy: "give --kafka host:port, --engines, or --noida")
    }
  }
}

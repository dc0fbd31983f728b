import Glibc
import Settings

/// What a run of all comparisons is given.
struct BenchConfiguration {
  var rounds: Int
  /// Seconds that lines are sent for in a round.
  var seconds: Double
  /// Documents of 200 bytes that wait for Flow in one topic. Of the other shapes it is as many, but a million at most.
  var backlog: Int
  /// Topics of the backlog that is spread.
  var topics: Int
  /// Documents that wait for Flow and for a real Elasticsearch.
  var indexed: Int
  var partitions: Int
  var idleSeconds: Double
  /// Seconds of the load at half of the capacity, in each round.
  var halfLoadSeconds: Double
  /// Seconds that lines are sent for while it is measured how fresh they are.
  var freshSeconds: Double
  /// What comes before that, and does not count.
  var settle: Duration
  /// How long a bulk request takes that an app sends beside another that catches up.
  var catchUpDelay: Duration
  /// Apps in the directory of the crowded Router.
  var crowd: Int
  /// Those of them that send, to a topic each.
  var crowdSending: Int
  var broker: Broker.Source
  /// What starts a real Elasticsearch; nil where there is none.
  var engine: Engine?
  /// Nil runs both.
  var only: Half?
  /// Where the results go; nil for standard output alone.
  var output: String?
  var isQuick: Bool

  static let rounds = Setting("rounds", Int.self, in: 1...100, default: 3, "Rounds of each comparison.")
  static let duration = Setting(
    "seconds", Int.self, in: 1...600, default: 2, "Seconds that lines are sent for in a round.")
  static let backlog = Setting(
    "backlog", Int.self, in: 20_000...100_000_000, default: 5_000_000,
    "Documents of 200 bytes that Flow moves in a round from one topic; a million of others, or as many where it is fewer."
  )
  static let indexed = Setting(
    "indexed", Int.self, in: 20_000...10_000_000, default: 500_000,
    "Documents that Flow moves into a real Elasticsearch in a round.")
  static let partitions = Setting("partitions", Int.self, in: 1...64, default: 4, "Partitions of every topic.")
  static let quick = Setting(
    "quick", Bool.self, default: false, "One short round, no file: shows that the benchmark works, not how fast.")
  static let only = Setting(
    "only", Half?.self, default: nil, "Runs this half alone, and writes no file where --output gives none.")
  static let kafka = Setting(
    "kafka", String?.self, default: nil, "A running Kafka, host:port; empty starts one.")
  static let engine = Setting(
    "engines", String.self, default: "../shared/engines/engine",
    "The program that starts real servers, Kafka and Elasticsearch.")
  static let noida = Setting(
    "noida", String?.self, default: nil, "The server of noida-db, where there is no real Kafka.")
  static let results = Setting(
    "output", String.self, default: "docs/results/bench.md", "The file that the results are written to.")

  static let settings: [any DeclaredSetting] = [
    rounds, duration, backlog, indexed, partitions, quick, only, kafka, engine, noida, results,
  ]

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    isQuick = settings[Self.quick]
    rounds = isQuick ? 1 : settings[Self.rounds]
    seconds = isQuick ? 1 : Double(settings[Self.duration])
    backlog = isQuick ? 50_000 : settings[Self.backlog]
    topics = isQuick ? 50 : 1000
    indexed = isQuick ? 20_000 : settings[Self.indexed]
    partitions = settings[Self.partitions]
    freshSeconds = isQuick ? 1 : 8
    settle = isQuick ? .milliseconds(300) : .seconds(1)
    // A small backlog has to last for as long as it is measured.
    catchUpDelay = isQuick ? .milliseconds(500) : CatchUpMeasurement.delay
    only = settings[Self.only]
    idleSeconds = isQuick ? 1 : 5
    halfLoadSeconds = isQuick ? 1 : 5
    (crowd, crowdSending) = isQuick ? (2000, 20) : (100_000, 1000)
    // A part of the results must not replace all of them.
    output = (isQuick || only != nil) && !settings.isGiven(Self.results) ? nil : settings[Self.results]
    let hasEngine = access(settings[Self.engine], X_OK) == 0
    engine = hasEngine ? Engine(program: settings[Self.engine]) : nil
    if let address = settings[Self.kafka] {
      broker = .running(address)
    } else if let engine {
      broker = .engine(engine)
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

  func runs(_ half: Half) -> Bool { only == nil || only == half }
}

import Glibc
import Settings

/// `barito-bench bare-producer` and `bare-consumer`: processes of their own, so that their memory and CPU time compare
/// with those of a service.
enum BareCommands {
  static let producer = "bare-producer"
  static let consumer = "bare-consumer"

  static let brokers = Setting(required: "brokers", String.self, "Where Kafka is.")
  static let topic = Setting(required: "topic", String.self, "The topic.")
  static let topics = Setting(
    "topics", Int.self, in: 1...10_000, default: 1, "Topics; of more than one, # in the name is the number.")
  static let properties = SettingFamily("property", "Properties of librdkafka.")
  static let time = Setting("time", Duration.self, default: .seconds(3), "How long lines are sent.")
  static let count = Setting("count", Int.self, default: 0, "Lines to send or to read; 0 to go by time.")
  static let rate = Setting("rate", Int.self, default: 0, "Lines per second; 0 for as many as possible.")
  static let window = Setting("window", Int.self, default: 0, "Lines in flight at most; 0 for what the queue holds.")

  static let producerProgram = Program(
    producer, "Sends lines by librdkafka alone.",
    settings: [brokers, topic, topics, properties, time, count, window, rate, LoadCommand.lineBytes])
  static let consumerProgram = Program(
    consumer, "Reads a topic by librdkafka alone.",
    settings: [brokers, topic, topics, properties, count, LoadCommand.lineBytes, BenchConfiguration.partitions])

  /// What both are told.
  static func arguments(_ stage: Stage, _ app: Stage.App) -> [String] {
    arguments(stage, TopicNames(pattern: app.topic))
  }

  static func arguments(_ stage: Stage, _ topics: TopicNames) -> [String] {
    ["--brokers", stage.broker.address, "--topic", topics.pattern]
      + (topics.count == 1 ? [] : ["--topics", "\(topics.count)"])
      + stage.broker.properties.flatMap { ["--property", "\($0.key)=\($0.value)"] }
  }

  /// Those of a consumer that reads all of these lines.
  static func reading(_ shape: DeliveryShape, _ stage: Stage) -> [String] {
    arguments(stage, shape.topicNames) + ["--count", "\(shape.lines)", "--partitions", "\(shape.partitions)"]
  }

  /// The topics that the command was told.
  static func topicNames(_ settings: SettingsReader) -> [String] {
    TopicNames(pattern: settings[topic], count: settings[topics]).all
  }

  static func runProducer(_ settings: SettingsReader) throws {
    let (limit, rate) = (settings[window], settings[rate])
    let bare = BareProducer(
      properties: BareSettings.producer(brokers: settings[brokers], settings[properties]), topics: topicNames(settings),
      // As many different lines as the load generator has.
      lines: (0..<16).flatMap {
        LogLines.make(BareProducer.batch, seed: UInt64($0), bytes: settings[LoadCommand.lineBytes])
      }, window: limit > 0 ? limit : nil, rate: rate > 0 ? rate : nil)
    let result = try bare.run(
      settings[count] > 0 ? .lines(settings[count] - BareProducer.batch) : .seconds(settings[time] / .seconds(1)))
    try report(
      lines: settings[count] > 0 ? result.lines + BareProducer.batch : result.lines, result.seconds, result.cpuSeconds)
  }

  static func runConsumer(_ settings: SettingsReader) throws {
    let bare = BareConsumer(
      properties: BareSettings.consumer(brokers: settings[brokers], settings[properties]), topics: topicNames(settings),
      partitions: settings[BenchConfiguration.partitions])
    let result = try bare.run(count: settings[count], lineBytes: settings[LoadCommand.lineBytes])
    // Like Flow's: of its whole life.
    try report(lines: result.lines, result.seconds, ProcessUsage.ownCPUSeconds)
  }

  static func report(lines: Int, _ seconds: Double, _ cpu: Double) throws {
    let memory = try ProcessUsage.memory(of: getpid())
    Bench.tell(
      Report([
        "lines": Double(lines), "seconds": seconds, "cpu": cpu, "memory": Double(memory.now),
        "peak": Double(memory.peak),
      ]))
  }

  static func memory(_ report: Report) throws -> ProcessUsage.Memory {
    ProcessUsage.Memory(now: try report.count("memory"), peak: try report.count("peak"))
  }
}

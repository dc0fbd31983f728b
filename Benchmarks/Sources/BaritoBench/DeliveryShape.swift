import BaritoCore

/// What waits in Kafka for whoever moves it: how many lines, of how many bytes, spread over how many topics.
struct DeliveryShape: Sendable, Hashable {
  /// The names of its topics, and of no other's, begin with it.
  var name: String
  var lines: Int
  var lineBytes = LogLines.lineBytes
  var topics = 1
  /// Of each topic.
  var partitions: Int

  /// As the results call it.
  var title: String { "\(grouped(Double(lines))) \(kind)" }

  /// The same without the number of lines.
  var kind: String {
    let spread = topics == 1 ? "1 topic" : "\(grouped(Double(topics))) topics"
    return "lines of \(grouped(Double(lineBytes))) bytes in \(spread)"
  }

  /// Of so many rounds, those that it takes part in: one of a backlog that lasts as long as many rounds of a smaller one.
  func rounds(of all: Int) -> Int { lines * lineBytes >= DeliveryShape.large ? 1 : all }

  private static let large = 1_000_000_000

  /// The apps whose lines they are, by the names of their topics.
  var apps: [String] { TopicNames(pattern: appPattern, count: topics).all }
  var topicNames: TopicNames { TopicNames(pattern: Stage.naming.topic(for: appPattern), count: topics) }
  /// What the names of its topics begin with.
  var topicPrefix: String { "\(Stage.naming.prefix)\(name)-" }
  /// What the names of its indices begin with.
  var indexPrefix: String { topicPrefix.lowercased() }

  private var appPattern: String { topics == 1 ? "\(name)-lines" : "\(name)-#" }
}

extension DeliveryShape {
  /// The first one is what the app has missed that catches up, too.
  static func all(_ configuration: BenchConfiguration) -> [DeliveryShape] {
    let (lines, partitions) = (min(configuration.backlog, mostOfOthers), configuration.partitions)
    return [
      DeliveryShape(name: "short", lines: configuration.backlog, partitions: partitions),
      DeliveryShape(name: "long", lines: lines, lineBytes: 1024, partitions: partitions),
      DeliveryShape(name: "many", lines: lines, topics: configuration.topics, partitions: 1),
    ]
  }

  /// What peers are compared with.
  static func peers(_ configuration: BenchConfiguration) -> DeliveryShape {
    DeliveryShape(name: "peers", lines: configuration.backlog, partitions: configuration.partitions)
  }

  /// What many apps with several partitions each have missed, beside one that has not.
  static func crowd(_ configuration: BenchConfiguration) -> DeliveryShape {
    DeliveryShape(name: "thousand", lines: configuration.backlog, topics: configuration.topics, partitions: 3)
  }

  /// What is moved into a real Elasticsearch, which takes its time.
  static func indexed(_ configuration: BenchConfiguration) -> DeliveryShape {
    DeliveryShape(name: "indexed", lines: configuration.indexed, partitions: configuration.partitions)
  }

  /// An app with few lines, which are sent later.
  static func fresh(_ name: String, partitions: Int) -> DeliveryShape {
    DeliveryShape(name: name, lines: BareProducer.batch, partitions: partitions)
  }

  private static let mostOfOthers = 1_000_000
}

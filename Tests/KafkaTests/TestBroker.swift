import Kafka
import KafkaTesting
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The broker that a behavioural test talks to: a real one if `BARITO_TEST_KAFKA` names it, else a mock cluster.
struct TestBroker {
  /// nil where the broker is real.
  let mock: MockCluster?
  let bootstraps: String

  static let real: String? = getenv("BARITO_TEST_KAFKA").map { String(cString: $0) }

  static let needsReal: Comment = "the mock cluster does not know this request; name a broker in BARITO_TEST_KAFKA"

  /// Mock clusters are cheap, but each has threads: tests that break nothing share this one.
  private static let shared = MockCluster()

  init() {
    mock = Self.real == nil ? Self.shared : nil
    bootstraps = Self.real ?? Self.shared.bootstraps
  }

  /// A name that no other test has.
  func name(_ prefix: String = "test") -> String { "\(prefix)_\(UInt64.random(in: 0..<UInt64.max))" }

  func makeTopic(partitions: Int = 1) async throws -> String {
    let name = name()
    if let mock {
      mock.createTopic(name, partitions: partitions)
    } else {
      let admin = try KafkaAdmin(configuration())
      _ = try await admin.createTopic(name, partitions: partitions)
      // A new topic has leaders a moment later.
      try await eventually("the topic has leaders") {
        try await admin.describe(name)?.filter { $0.leader >= 0 }.count == partitions
      }
      await admin.close()
    }
    return name
  }

  func configuration(group: String? = nil) -> KafkaConfiguration {
    var configuration = KafkaConfiguration(brokers: bootstraps, clientID: "test")
    // One broker here answers with all it has, whatever the client asks.
    configuration.properties["receive.message.max.bytes"] = "2000000000"
    configuration.producer.lingerMilliseconds = 1
    configuration.consumer.group = group
    // The least that a real broker allows by default.
    configuration.consumer.sessionTimeout = .seconds(6)
    configuration.properties["heartbeat.interval.ms"] = "500"
    configuration.consumer.maxPollInterval = .seconds(60)
    return configuration
  }
}

/// Asks again and again until the condition holds.
func eventually(
  _ what: Comment, within limit: Duration = .seconds(40), sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while ContinuousClock.now < deadline {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  Issue.record("never came true: \(what)", sourceLocation: sourceLocation)
  throw NeverHappened()
}

struct NeverHappened: Error {}

/// A minute ago, in milliseconds since 1970: brokers drop what is old and refuse what is from the future.
func recent() -> Int64 { Int64(time(nil)) * 1000 - 60_000 }

/// Many values in one buffer, as a caller of `produce` has them.
struct Values {
  var bytes: [UInt8] = []
  var ranges: [Range<Int>] = []

  init(_ texts: some Sequence<String>) { for text in texts { append(Array(text.utf8)) } }

  mutating func append(_ value: [UInt8]) {
    ranges.append(bytes.count..<bytes.count + value.count)
    bytes += value
  }
}

extension KafkaProducer {
  /// Sends texts in one call and waits.
  @discardableResult
  func produce(_ texts: [String], to topic: String) async throws -> DeliveryResult {
    let (values, ticket) = (Values(texts), DeliveryTicket())
    try produce(values.ranges, in: values.bytes.span, to: topic, ticket: ticket)
    return try await ticket.result.get()
  }
}

extension KafkaConsumer {
  /// Batches until there are so many records or the time is up, as their values.
  func read(_ count: Int, storing: Bool = false) async throws -> [String] {
    var texts: [String] = []
    try await eventually("\(count) records") {
      let batch = try nextBatch()
      texts += batch.records.map { batch.text($0) }
      if storing { try store(batch.nextOffsets) }
      return texts.count >= count
    }
    return texts
  }
}

extension RecordBatch {
  func text(_ record: Record) -> String { String(decoding: bytes[record.value], as: UTF8.self) }
}

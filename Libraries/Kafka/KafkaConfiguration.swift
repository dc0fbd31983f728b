/// Where Kafka is and how to talk to it.
///
/// The typed properties cover what every deployment decides; `properties` reaches librdkafka verbatim and wins over
/// everything here, so no option of the library is out of reach.
public struct KafkaConfiguration: Sendable {
  /// Bootstrap servers, `host:port` separated by commas.
  public var brokers: String
  /// Shows in the brokers' logs and quotas.
  public var clientID: String
  /// Names and values of librdkafka's own properties, passed through.
  public var properties: [String: String]
  public var producer = Producer()
  public var consumer = Consumer()

  public init(brokers: String, clientID: String = "barito", properties: [String: String] = [:]) {
    self.brokers = brokers
    self.clientID = clientID
    self.properties = properties
  }

  public enum Compression: String, Sendable, CaseIterable { case none, gzip, snappy, lz4, zstd }
  public enum OffsetReset: String, Sendable, CaseIterable {
    case earliest, latest
    /// Where there is no offset to start from, `nextBatch` throws.
    case error
  }

  /// How messages are sent. Idempotence and `acks=all` are always on.
  public struct Producer: Sendable {
    /// Time that messages wait for company before they are sent, in milliseconds.
    public var lingerMilliseconds = 5
    /// Bytes of messages (KiB) that may wait for acknowledgements before `queueFull`.
    public var queueKilobytes = 64 * 1024
    /// Messages that may wait for acknowledgements before `queueFull`.
    public var queueMessages = 500_000
    public var compression = Compression.lz4
    /// Time from `produce` until a message that was not acknowledged fails its ticket.
    public var messageTimeout = Duration.seconds(30)
    /// Largest message, key and value together, in bytes. The broker's `message.max.bytes` must agree.
    public var largestMessage = 1_000_000

    public init() {}
  }

  /// How records are read. Offsets are committed each second, and only those that were stored.
  public struct Consumer: Sendable {
    /// The consumer group. Without one only `assign` works, and nothing is committed.
    public var group: String?
    /// Where to start in a partition for which the group has no offset.
    public var autoOffsetReset = OffsetReset.earliest
    /// Memory for records fetched ahead, in KiB, all partitions together.
    public var queuedKilobytes = 16 * 1024
    /// Silence after which the group takes this member for dead.
    public var sessionTimeout = Duration.seconds(45)
    /// Time between two `nextBatch` or `keepAlive` after which this member leaves its group.
    public var maxPollInterval = Duration.seconds(300)

    public init() {}
  }
}

extension KafkaConfiguration {
  /// What the consumer may read ahead, in KiB: a property of that name comes before our own setting.
  var queuedKilobytes: Int {
    properties["queued.max.messages.kbytes"].flatMap { Int($0) } ?? consumer.queuedKilobytes
  }

  private var common: [String: String] {
    [
      "bootstrap.servers": brokers, "client.id": clientID, "log.queue": "true", "log.connection.close": "false",
      // A broker that comes back is found within seconds, not after ever longer pauses.
      "reconnect.backoff.max.ms": "2000",
    ]
  }

  func producerProperties() -> [String: String] {
    var all = common
    all["enable.idempotence"] = "true"
    all["acks"] = "all"
    all["linger.ms"] = "\(producer.lingerMilliseconds)"
    all["queue.buffering.max.kbytes"] = "\(producer.queueKilobytes)"
    all["queue.buffering.max.messages"] = "\(producer.queueMessages)"
    all["compression.codec"] = producer.compression.rawValue
    all["message.timeout.ms"] = "\(producer.messageTimeout.milliseconds)"
    all["message.max.bytes"] = "\(producer.largestMessage)"
    // A topic that was deleted and made again is found within this, not after librdkafka's five minutes.
    all["topic.metadata.refresh.interval.ms"] = "10000"
    return all.merging(properties) { _, theirs in theirs }
  }

  func consumerProperties() -> [String: String] {
    var all = common
    // assign() needs a group coordinator object even where nothing is ever committed.
    all["group.id"] = consumer.group ?? "\(clientID)-without-group"
    all["enable.auto.commit"] = consumer.group == nil ? "false" : "true"
    all["auto.commit.interval.ms"] = "1000"
    all["enable.auto.offset.store"] = "false"
    // A topic that is made after the subscription is found within this, not after librdkafka's five minutes.
    all["topic.metadata.refresh.interval.ms"] = "5000"
    all["auto.offset.reset"] = consumer.autoOffsetReset.rawValue
    all["queued.max.messages.kbytes"] = "\(consumer.queuedKilobytes)"
    all["session.timeout.ms"] = "\(consumer.sessionTimeout.milliseconds)"
    all["max.poll.interval.ms"] = "\(max(consumer.maxPollInterval, consumer.sessionTimeout).milliseconds)"
    // Eager: the cooperative assignor of librdkafka before 2.6.1 may hang or crash on close, or turn in circles for ever
    // (librdkafka #4312, #4527, #4783). Round robin, because range gives the first partition of every topic to the same member.
    all["partition.assignment.strategy"] = "roundrobin"
    return all.merging(properties) { _, theirs in theirs }
  }

  func adminProperties() -> [String: String] { common.merging(properties) { _, theirs in theirs } }
}

extension Duration {
  /// Whole milliseconds, at least 0, as librdkafka counts them.
  var milliseconds: Int32 {
    let (seconds, attoseconds) = components
    if seconds > 2_000_000 { return 2_000_000_000 }
    return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
  }
}

import CRdkafka
import Dispatch

/// The pointer of a client, to be handed to another thread: librdkafka's client functions are thread-safe.
struct ClientPointer: @unchecked Sendable {
  let raw: OpaquePointer
}

/// What the C callbacks of one client see: librdkafka's opaque. It outlives the client.
class ClientContext: @unchecked Sendable {
  let log: KafkaLog
  init(log: KafkaLog) { self.log = log }
}

/// Owns a configuration until a client is made of it.
struct ConfigurationHandle: ~Copyable {
  let raw: OpaquePointer

  init(_ properties: [String: String]) throws(KafkaError) {
    raw = rd_kafka_conf_new()
    for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
      var reason = [CChar](repeating: 0, count: 512)
      guard rd_kafka_conf_set(raw, name, value, &reason, reason.count) != RD_KAFKA_CONF_OK else { continue }
      throw KafkaError(.configuration, "cannot set the Kafka property \(name): \(text(reason)); see its documentation")
    }
  }

  /// The number that a property has now, defaults included.
  func number(_ name: String) -> Int {
    var buffer = [CChar](repeating: 0, count: 64)
    var size = buffer.count
    guard rd_kafka_conf_get(raw, name, &buffer, &size) == RD_KAFKA_CONF_OK else { return 0 }
    return Int(text(buffer)) ?? 0
  }

  func set(_ name: String, _ value: String) { _ = rd_kafka_conf_set(raw, name, value, nil, 0) }

  /// Makes the client, which takes the configuration over. The context is not retained: whoever destroys the client
  /// keeps it until then.
  consuming func makeClient(
    _ type: rd_kafka_type_t, context: ClientContext
  ) throws(KafkaError) -> OpaquePointer {
    rd_kafka_conf_set_opaque(raw, Unmanaged.passUnretained(context).toOpaque())
    rd_kafka_conf_set_log_cb(raw, onLog)
    var reason = [CChar](repeating: 0, count: 512)
    // librdkafka frees the configuration only when it succeeds.
    guard let client = rd_kafka_new(type, raw, &reason, reason.count) else {
      _ = consume self
      throw KafkaError(.configuration, "cannot make a Kafka client: \(text(reason))")
    }
    discard self
    return client
  }

  deinit { rd_kafka_conf_destroy(raw) }
}

/// A list of partitions, freed with its owner.
struct PartitionList: ~Copyable {
  private let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(capacity: Int = 0) { raw = rd_kafka_topic_partition_list_new(Int32(capacity)) }

  init(_ partitions: some Collection<TopicPartition>) {
    self.init(capacity: partitions.count)
    for partition in partitions { add(partition) }
  }

  init(offsets: [TopicPartition: Int64]) {
    self.init(capacity: offsets.count)
    for (partition, offset) in offsets { add(partition, offset: offset) }
  }

  func add(_ partition: TopicPartition, offset: Int64 = Int64(RD_KAFKA_OFFSET_INVALID)) {
    rd_kafka_topic_partition_list_add(raw, partition.topic, partition.partition).pointee.offset = offset
  }

  /// Lends the list to C. Reading the pointer out instead would let it dangle: an owner may go after its last use.
  borrowing func lend<T>(_ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> T) -> T { body(raw) }

  func visit(_ body: (TopicPartition, rd_kafka_topic_partition_t) -> Void) { raw.pointee.visit(body) }

  deinit { rd_kafka_topic_partition_list_destroy(raw) }
}

extension rd_kafka_topic_partition_list_t {
  func visit(_ body: (TopicPartition, rd_kafka_topic_partition_t) -> Void) {
    for index in 0..<Int(cnt) {
      let element = elems[index]
      body(TopicPartition(String(cString: element.topic), element.partition), element)
    }
  }

  var partitions: [TopicPartition] {
    var all: [TopicPartition] = []
    visit { partition, _ in all.append(partition) }
    return all
  }
}

/// The text of a C buffer up to its end mark.
func text(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Runs work that may block for as long as librdkafka likes on a thread of its own, and waits a bounded time for it.
///
/// - Returns: whether it ended in time. If not it goes on by itself.
func runDetached(_ label: String, within limit: Duration, _ work: @escaping @Sendable () -> Void) -> Bool {
  let done = DispatchSemaphore(value: 0)
  DispatchQueue(label: label).async {
    work()
    done.signal()
  }
  return done.wait(timeout: .now() + .milliseconds(Int(limit.milliseconds))) == .success
}

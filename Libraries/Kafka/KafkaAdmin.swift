import Blocking
import CRdkafka
import Dispatch
public import Logging

/// Makes, lists and deletes topics. Every call is bounded by its timeout.
public actor KafkaAdmin {
  public enum Creation: Sendable { case created, existed }

  /// One partition as the cluster describes it.
  public struct Partition: Sendable, Hashable {
    public var id: Int32
    /// Broker id; -1 if the partition has no leader now.
    public var leader: Int32
    public var replicas: [Int32]
    public var inSyncReplicas: [Int32]
  }

  private nonisolated let executor = BlockingExecutor(label: "kafka.admin")
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  nonisolated let client: ClientPointer
  private nonisolated let context: ClientContext
  private var isClosed = false

  /// Makes the client; does not wait for any broker.
  public init(_ configuration: KafkaConfiguration, logger: Logger = .silent) throws(KafkaError) {
    context = ClientContext(log: KafkaLog(logger, client: "admin"))
    // A consumer without a group: unlike a producer it never makes a topic by asking for it.
    let properties = try ConfigurationHandle(configuration.adminProperties())
    client = ClientPointer(raw: try properties.makeClient(RD_KAFKA_CONSUMER, context: context))
    rd_kafka_set_log_queue(client.raw, nil)
  }

  deinit {
    guard !isClosed else { return }
    let (client, context) = (client, context)
    DispatchQueue(label: "kafka.admin.destroy").async { destroy(client, context) }
  }

  /// Makes a topic, unless there is one of that name, whatever its shape.
  ///
  /// - Parameters:
  ///   - replicationFactor: -1 for the broker's default.
  ///   - configuration: topic properties, such as `retention.ms`.
  /// - Throws: `rejected` for a name, count or property that the broker refuses; `unauthorized`, `timedOut`, …
  public func createTopic(
    _ name: String, partitions: Int = 1, replicationFactor: Int = -1, configuration: [String: String] = [:],
    timeout: Duration = .seconds(10)
  ) throws(KafkaError) -> Creation {
    var reason = [CChar](repeating: 0, count: 512)
    let doing = "cannot make the topic \(name) of \(partitions) partitions"
    guard
      let topic = rd_kafka_NewTopic_new(name, Int32(partitions), Int32(replicationFactor), &reason, reason.count)
    else { throw KafkaError(.rejected, "\(doing): \(text(reason))") }
    defer { rd_kafka_NewTopic_destroy(topic) }
    for (key, value) in configuration { rd_kafka_NewTopic_set_config(topic, key, value) }
    var topics: [OpaquePointer?] = [topic]
    let refusal = try request(RD_KAFKA_ADMIN_OP_CREATETOPICS, doing, timeout) { client, options, queue in
      rd_kafka_CreateTopics(client, &topics, 1, options, queue)
    } results: { event, count in
      rd_kafka_event_CreateTopics_result(event).flatMap { rd_kafka_CreateTopics_result_topics($0, &count) }
    }
    guard let refusal else { return .created }
    if refusal.error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { return .existed }
    throw KafkaError(refusal.error, doing, reason: refusal.reason)
  }

  /// Deletes a topic and everything in it.
  ///
  /// - Throws: `unknownTopic` if there is none.
  public func deleteTopic(_ name: String, timeout: Duration = .seconds(10)) throws(KafkaError) {
    let topic = rd_kafka_DeleteTopic_new(name)
    defer { rd_kafka_DeleteTopic_destroy(topic) }
    var topics: [OpaquePointer?] = [topic]
    let doing = "cannot delete the topic \(name)"
    let refusal = try request(RD_KAFKA_ADMIN_OP_DELETETOPICS, doing, timeout) { client, options, queue in
      rd_kafka_DeleteTopics(client, &topics, 1, options, queue)
    } results: { event, count in
      rd_kafka_event_DeleteTopics_result(event).flatMap { rd_kafka_DeleteTopics_result_topics($0, &count) }
    }
    if let refusal { throw KafkaError(refusal.error, doing, reason: refusal.reason) }
  }

  /// Every topic and how many partitions it has; Kafka's own (`__consumer_offsets`) too.
  public func topics(timeout: Duration = .seconds(10)) throws(KafkaError) -> [String: Int] {
    try metadata(of: nil, timeout) { metadata in
      var all: [String: Int] = [:]
      for index in 0..<Int(metadata.topic_cnt) {
        let topic = metadata.topics[index]
        guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
        all[String(cString: topic.topic)] = Int(topic.partition_cnt)
      }
      return all
    }
  }

  /// How many partitions a topic has; nil if there is no such topic. Does not make it.
  public func partitionCount(of topic: String, timeout: Duration = .seconds(10)) throws(KafkaError) -> Int? {
    try describe(topic, timeout: timeout)?.count
  }

  /// The partitions of a topic by number; nil if there is no such topic. Does not make it.
  public func describe(_ name: String, timeout: Duration = .seconds(10)) throws(KafkaError) -> [Partition]? {
    let found: Result<[Partition]?, KafkaError> = try metadata(of: name, timeout) { metadata in
      for index in 0..<Int(metadata.topic_cnt) where String(cString: metadata.topics[index].topic) == name {
        let topic = metadata.topics[index]
        if topic.err == RD_KAFKA_RESP_ERR_NO_ERROR { return .success(topic.described) }
        let error = KafkaError(topic.err, "cannot describe the topic \(name)")
        return error.code == .unknownTopic ? .success(nil) : .failure(error)
      }
      return .success(nil)
    }
    return try found.get()
  }

  /// Whether a broker answers.
  public func ping(timeout: Duration = .seconds(5)) throws(KafkaError) {
    try metadata(of: "__consumer_offsets", timeout) { _ in }
  }

  /// Frees the client, within the limit or behind the caller's back.
  public func close(within limit: Duration = .seconds(5)) {
    guard !isClosed else { return }
    isClosed = true
    let (client, context) = (client, context)
    _ = runDetached("kafka.admin.destroy", within: limit) { destroy(client, context) }
  }
}

extension KafkaAdmin {
  private typealias Results = UnsafeMutablePointer<OpaquePointer?>

  private struct Refusal {
    let error: rd_kafka_resp_err_t
    let reason: String?
  }

  /// Runs one admin request for one topic and waits for its one result: nil, or why the broker refused it.
  private func request(
    _ operation: rd_kafka_admin_op_t, _ doing: String, _ timeout: Duration,
    _ send: (_ client: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void,
    results: (_ event: OpaquePointer, _ count: inout Int) -> Results?
  ) throws(KafkaError) -> Refusal? {
    try open(doing)
    let options = rd_kafka_AdminOptions_new(client.raw, operation)
    defer { rd_kafka_AdminOptions_destroy(options) }
    let milliseconds = max(100, timeout.milliseconds)
    rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, nil, 0)
    rd_kafka_AdminOptions_set_operation_timeout(options, milliseconds, nil, 0)
    let queue = rd_kafka_queue_new(client.raw)
    defer { rd_kafka_queue_destroy(queue) }
    send(client.raw, options, queue)
    guard let event = rd_kafka_queue_poll(queue, milliseconds + 500) else {
      throw KafkaError(.timedOut, "\(doing): no answer within \(timeout)")
    }
    defer { rd_kafka_event_destroy(event) }
    let error = rd_kafka_event_error(event)
    if error != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw KafkaError(error, doing, reason: rd_kafka_event_error_string(event).map { String(cString: $0) })
    }
    var count = 0
    guard let all = results(event, &count), count == 1, let result = all[0] else { return nil }
    let refusal = rd_kafka_topic_result_error(result)
    guard refusal != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    return Refusal(error: refusal, reason: rd_kafka_topic_result_error_string(result).map { String(cString: $0) })
  }

  func metadata<T>(
    of topic: String?, _ timeout: Duration, _ read: (rd_kafka_metadata) -> T
  ) throws(KafkaError) -> T {
    let doing = "cannot ask for \(topic.map { "the topic \($0)" } ?? "the topics")"
    try open(doing)
    let handle = topic.flatMap { rd_kafka_topic_new(client.raw, $0, nil) }
    defer { if let handle { rd_kafka_topic_destroy(handle) } }
    var metadata: UnsafePointer<rd_kafka_metadata>?
    let error = rd_kafka_metadata(client.raw, handle == nil ? 1 : 0, handle, &metadata, timeout.milliseconds)
    guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(error, doing) }
    defer { rd_kafka_metadata_destroy(metadata) }
    return read(metadata.pointee)
  }

  /// Also the moment to read what librdkafka logged since the last call.
  func open(_ doing: String) throws(KafkaError) {
    guard !isClosed else { throw KafkaError(.closed, "\(doing): the client is closed") }
    rd_kafka_poll(client.raw, 0)
  }
}

extension rd_kafka_metadata_topic {
  fileprivate var described: [KafkaAdmin.Partition] {
    (0..<Int(partition_cnt)).map { index in
      let partition = partitions[index]
      return KafkaAdmin.Partition(
        id: partition.id, leader: partition.leader,
        replicas: (0..<Int(partition.replica_cnt)).map { partition.replicas[$0] },
        inSyncReplicas: (0..<Int(partition.isr_cnt)).map { partition.isrs[$0] })
    }
    .sorted { $0.id < $1.id }
  }
}

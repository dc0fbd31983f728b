import BaritoCore
import Kafka
import Logging

/// Makes the topics of apps in one Kafka cluster, each once however many requests wait for it, and announces them.
actor TopicMaker {
  private let configuration: KafkaConfiguration
  private let logger: Logger
  private var admin: KafkaAdmin?
  private var underway: [String: Task<Void, any Error>] = [:]

  init(_ configuration: KafkaConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// - Throws: `KafkaError`; nothing is known of the topic then, and the next request tries again.
  func ensure(_ topic: String, as endpoints: ClusterEndpoints, announcing producer: KafkaProducer) async throws {
    if let task = underway[topic] { return try await task.value }
    // A task of its own: the request that came first may be cancelled while others wait for the same topic.
    let task = Task { try await make(topic, as: endpoints, announcing: producer) }
    underway[topic] = task
    defer { underway[topic] = nil }
    try await task.value
  }

  func close(within deadline: Duration) async {
    await admin?.close(within: deadline)
    admin = nil
  }

  private func make(_ topic: String, as endpoints: ClusterEndpoints, announcing producer: KafkaProducer) async throws {
    let admin = try connected()
    let creation = try await admin.createTopic(
      topic, partitions: endpoints.partitions, replicationFactor: endpoints.replicationFactor,
      configuration: ["min.insync.replicas": "\(endpoints.minimumInsyncReplicas)"])
    guard creation == .created else { return }
    let ticket = DeliveryTicket()
    let name = Array(topic.utf8)
    try producer.produce([0..<name.count], in: name.span, to: PlatformTopic.newTopicEvents, ticket: ticket)
    // Flow finds by listing what it was not told, so a lost announcement costs time and no line.
    if let error = await ticket.result.error {
      logger.warning("a new topic could not be announced", ["kafka.topic": topic, "error": error.detail])
    }
  }

  private func connected() throws(KafkaError) -> KafkaAdmin {
    if let admin { return admin }
    let made = try KafkaAdmin(configuration, logger: logger)
    admin = made
    return made
  }
}

import BaritoCore
import Kafka
import Logging

/// Makes the topics of apps in one Kafka cluster, each once however many requests wait for it, and announces them.
///
/// One at a time. While the cluster is away one attempt after another would each wait its whole time; so what is queued
/// behind an attempt that failed fails with it, and the cluster is left alone for a moment.
actor TopicMaker {
  private let configuration: KafkaConfiguration
  private let logger: Logger
  private var admin: KafkaAdmin?
  private var underway: [String: Task<Void, any Error>] = [:]
  private var last: Task<Void, any Error>?
  private var trouble: (error: KafkaError, until: ContinuousClock.Instant)?
  private var hasEventsTopic = false
  private var isClosed = false

  static let pause: Duration = .seconds(1)

  init(_ configuration: KafkaConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// - Throws: `KafkaError`; nothing is known of the topic then, and the next request tries again.
  func ensure(_ topic: String, as endpoints: ClusterEndpoints, announcing producer: KafkaProducer) async throws {
    if let task = underway[topic] { return try await task.value }
    let before = last
    // A task of its own: the request that came first may be cancelled while others wait for the same topic.
    let task = Task {
      _ = await before?.result
      try await attempt(topic, as: endpoints, announcing: producer)
    }
    (underway[topic], last) = (task, task)
    defer { underway[topic] = nil }
    try await task.value
  }

  func close(within deadline: Duration) async {
    isClosed = true
    await admin?.close(within: deadline)
    admin = nil
  }

  private func attempt(
    _ topic: String, as endpoints: ClusterEndpoints, announcing producer: KafkaProducer
  ) async throws(KafkaError) {
    if let trouble, ContinuousClock.now < trouble.until { throw trouble.error }
    do throws(KafkaError) {
      try await make(topic, as: endpoints, announcing: producer)
      trouble = nil
    } catch {
      if error.code == .timedOut || error.code == .brokerDown { trouble = (error, .now + TopicMaker.pause) }
      throw error
    }
  }

  private func make(
    _ topic: String, as endpoints: ClusterEndpoints, announcing producer: KafkaProducer
  ) async throws(KafkaError) {
    let admin = try connected()
    let timeout = configuration.producer.messageTimeout
    // Most often it is there and only this Router was started anew; asking needs no right to make topics.
    if try await admin.partitionCount(of: topic, timeout: timeout) != nil { return }
    let creation = try await admin.createTopic(
      topic, partitions: endpoints.partitions, replicationFactor: endpoints.replicationFactor,
      configuration: ["min.insync.replicas": "\(endpoints.minimumInsyncReplicas)"], timeout: timeout)
    guard creation == .created else { return }
    await announce(topic, as: endpoints, by: admin, producer)
  }

  /// Flow finds by listing what it was not told, so a lost announcement costs time and no line: nobody waits for it.
  private func announce(
    _ topic: String, as endpoints: ClusterEndpoints, by admin: KafkaAdmin, _ producer: KafkaProducer
  ) async {
    let logger = logger
    @Sendable func complain(_ error: KafkaError) {
      logger.warning("a new topic could not be announced", ["kafka.topic": topic, "error": error.detail])
    }
    let name = Array(topic.utf8)
    do throws(KafkaError) {
      if !hasEventsTopic {
        if try await admin.partitionCount(of: PlatformTopic.newTopicEvents) == nil {
          _ = try await admin.createTopic(
            PlatformTopic.newTopicEvents, partitions: 1, replicationFactor: endpoints.replicationFactor)
        }
        hasEventsTopic = true
      }
      let ticket = DeliveryTicket { result in
        if let error = result.error { complain(error) }
      }
      try producer.produce([0..<name.count], in: name.span, to: PlatformTopic.newTopicEvents, ticket: ticket)
    } catch {
      complain(error)
    }
  }

  private func connected() throws(KafkaError) -> KafkaAdmin {
    if isClosed { throw KafkaError(.closed, "cannot make a topic: the Router stops") }
    if let admin { return admin }
    let made = try KafkaAdmin(configuration, logger: logger)
    admin = made
    return made
  }
}

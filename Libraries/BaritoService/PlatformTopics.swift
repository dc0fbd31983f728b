import BaritoCore
public import Kafka
public import Lifecycle
public import Logging

/// Makes the topics of the control plane where they are missing, for brokers that make none by themselves. Market runs
/// it; the others find the topics when they are there.
public struct PlatformTopics: Service {
  private let configuration: KafkaConfiguration
  private let logger: Logger

  /// Enough for any number of groups: messages are keyed by cluster.
  static let partitions = 3
  static let names = [PlatformTopic.provisioningRequests, PlatformTopic.provisioningEvents, PlatformTopic.usage]

  public init(_ configuration: KafkaConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  public func run() async throws {
    let admin = try KafkaAdmin(configuration, logger: logger)
    var missing = PlatformTopics.names
    var isLogged = false
    while let topic = missing.last, !GracefulShutdown.current.isRequested {
      do throws(KafkaError) {
        // The broker's own default replication is what its operator chose.
        _ = try await admin.createTopic(topic, partitions: PlatformTopics.partitions, replicationFactor: -1)
        missing.removeLast()
      } catch {
        if !isLogged { logger.warning("the platform's topics cannot be made for now", ["error": error.detail]) }
        isLogged = true
        await sleepUntilGracefulShutdown(.seconds(2))
      }
    }
    await admin.close(within: .seconds(5))
    await GracefulShutdown.current.wait()
  }
}

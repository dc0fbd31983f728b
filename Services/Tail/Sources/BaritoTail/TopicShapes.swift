import Kafka
import Logging
import Synchronization

/// How many partitions topics have, asked by one client for each Kafka cluster. A cluster that does not answer is left
/// alone for a moment, so that sessions do not queue up behind its time-outs.
final class TopicShapes: Sendable {
  private struct State {
    var admins: [String: KafkaAdmin] = [:]
    var failures: [String: (error: KafkaError, until: ContinuousClock.Instant)] = [:]
  }

  private let template: KafkaConfiguration
  private let logger: Logger
  private let state = Mutex(State())

  static let timeout: Duration = .seconds(3)

  /// - Parameter template: everything but the brokers.
  init(_ template: KafkaConfiguration, logger: Logger) {
    self.template = template
    self.logger = logger
  }

  /// - Returns: nil while there is no such topic.
  func partitions(of topic: String, at brokers: String) async throws(KafkaError) -> Int? {
    if let failure = state.withLock({ $0.failures[brokers] }), failure.until > .now { throw failure.error }
    do throws(KafkaError) {
      let count = try await admin(brokers).partitionCount(of: topic, timeout: TopicShapes.timeout)
      state.withLock { $0.failures[brokers] = nil }
      return count == 0 ? nil : count
    } catch {
      state.withLock { $0.failures[brokers] = (error, .now + .seconds(2)) }
      throw error
    }
  }

  private func admin(_ brokers: String) throws(KafkaError) -> KafkaAdmin {
    if let known = state.withLock({ $0.admins[brokers] }) { return known }
    var configuration = template
    configuration.brokers = brokers
    let made = try KafkaAdmin(configuration, logger: logger)
    return state.withLock { state in
      if let known = state.admins[brokers] { return known }
      state.admins[brokers] = made
      return made
    }
  }

  func close(within deadline: Duration) async {
    let admins = state.withLock { Array($0.admins.values) }
    for admin in admins { await admin.close(within: deadline) }
  }
}

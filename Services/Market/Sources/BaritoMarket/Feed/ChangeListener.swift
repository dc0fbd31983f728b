internal import BaritoCore
internal import Lifecycle
internal import Logging
internal import Postgres

/// Hears what this and every other Market announces in PostgreSQL, on a connection of its own that sleeps meanwhile.
struct ChangeListener: Service {
  let configuration: PostgresConfiguration
  /// Changes of profiles.
  let profiles: ChangeSignal
  /// New messages in the outbox.
  let outbox: ChangeSignal
  let logger: Logger

  /// The channel that changes of profiles are announced on.
  static let profilesChannel = "barito_profiles"

  func run() async throws {
    var failures = 0
    while !GracefulShutdown.current.isRequested {
      do {
        try await cancelWhenGracefulShutdown {
          let connection = try await PostgresConnection.connect(configuration)
          defer { announce(isListening: false) }
          try await connection.listen(ChangeListener.profilesChannel)
          try await connection.listen(OutboxStore.channel)
          announce(isListening: true)
          while true { try await hear(connection) }
        }
      } catch {
        if GracefulShutdown.current.isRequested { break }
        logger.warning("cannot listen for changes, looking for them instead", ["error": "\(error)"])
        failures = min(failures + 1, 6)
        await sleepUntilGracefulShutdown(.milliseconds(100 << failures))
      }
    }
    profiles.end()
    outbox.end()
  }

  private func hear(_ connection: PostgresConnection) async throws {
    guard let notification = try await connection.waitForNotification(timeout: .seconds(60)) else {
      // A connection that broke without a word is found by using it.
      try await connection.execute("SELECT 1")
      return
    }
    switch notification.channel {
    case OutboxStore.channel: outbox.fire()
    default: profiles.fire()
    }
  }

  private func announce(isListening: Bool) {
    profiles.setListening(isListening)
    outbox.setListening(isListening)
  }
}

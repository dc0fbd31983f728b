import Lifecycle
import Streams

/// A stream server as a part of a service: told to end, it accepts nothing new and acknowledges what it has begun.
struct ServingStreams: Service {
  private let server: StreamServer
  private let limit: Duration

  /// - Parameters:
  ///   - server: one that was started.
  ///   - limit: how long what is on its way to Kafka may take once it is told to end.
  init(_ server: StreamServer, drainingWithin limit: Duration) {
    self.server = server
    self.limit = limit
  }

  func run() async {
    await GracefulShutdown.current.wait()
    await server.drain(within: Task.isCancelled ? .zero : limit)
  }
}

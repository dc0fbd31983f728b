public import HTTP
public import Lifecycle

/// An HTTP server as a part of a service: told to end, it takes nothing new in and answers what it has begun.
public struct ServingHTTP: Service {
  private let server: HTTPServer
  private let limit: Duration

  /// - Parameters:
  ///   - server: one that was started.
  ///   - limit: how long requests in flight may take once it is told to end; what is left then is answered with 503.
  public init(_ server: HTTPServer, drainingWithin limit: Duration) {
    self.server = server
    self.limit = limit
  }

  public func run() async {
    await GracefulShutdown.current.wait()
    await server.drain(within: Task.isCancelled ? .zero : limit)
  }
}

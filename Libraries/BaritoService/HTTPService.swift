public import HTTP
public import Lifecycle

/// A server among the parts of a service: at a stop it takes nothing new in and answers what is under way.
public struct HTTPService: Service {
  private let server: HTTPServer
  private let drain: Duration

  /// - Parameters:
  ///   - server: started already, so that a port in use is said before anything else runs.
  ///   - drain: how long requests that are under way may take at a stop; then they are answered 503.
  public init(_ server: HTTPServer, drain: Duration = .seconds(20)) {
    self.server = server
    self.drain = drain
  }

  public func run() async {
    await GracefulShutdown.current.wait()
    await server.drain(within: drain)
  }
}

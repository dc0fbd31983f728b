/// Where a server listens and what it lets clients do.
public struct HTTPServerConfiguration: Sendable {
  public struct TLS: Sendable {
    /// PEM, the whole chain.
    public var certificate: String
    /// PEM.
    public var key: String

    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// `127.0.0.1:8080`, `[::1]:8080`, `:8080` for every address; port 0 lets the kernel choose.
  public var address: String
  /// Threads that serve connections.
  public var threads = 1
  /// Connections at once; more wait in the kernel's queue.
  public var maxConnections = 4096
  /// Connections at once from one address; more are closed. 0 is no limit.
  public var maxConnectionsPerAddress = 0
  /// How long a connection may neither send nor take a byte; suspended exchanges do not count.
  public var idleTimeout: Duration = .seconds(60)
  /// How long the headers of a request may take, from the connection's start or their first line.
  public var headerTimeout: Duration = .seconds(10)
  /// Bytes per second that a body must reach on average, after a grace of `headerTimeout`.
  public var minimumBodyRate = 1024
  /// Bytes a connection may use for headers and reading; headers over about half of it are refused with 431.
  public var connectionMemory = 64 * 1024
  /// Bytes of request bodies in memory, in all. Over it requests wait before their body.
  ///
  /// A chunked body counts with the whole limit of its route.
  public var bodyBytesInFlight = 256 * 1024 * 1024
  /// TLS with this certificate; plain TCP when nil.
  public var tls: TLS?

  public init(address: String) { self.address = address }
}

/// Where a server listens, and what its clients may do.
public struct StreamServerConfiguration: Sendable {
  /// Files in PEM; read once, when the server starts.
  public struct TLS: Sendable {
    /// The whole chain, the server's certificate first.
    public var certificateFile: String
    /// Without a password.
    public var keyFile: String
    /// Certificates of which one must have signed the client's; nil asks clients for none.
    public var clientCAFile: String?

    public init(certificateFile: String, keyFile: String, clientCAFile: String? = nil) {
      self.certificateFile = certificateFile
      self.keyFile = keyFile
      self.clientCAFile = clientCAFile
    }
  }

  /// `127.0.0.1:24224`, `[::1]:6514`, `:6514` for every address; port 0 lets the kernel choose.
  public var address: String
  /// Threads that serve connections.
  public var threads = 1
  /// Connections at once. More are accepted, closed at once, and counted, so that clients try elsewhere.
  public var maximumConnections = 4096
  /// How long a connection that is read from may neither bring nor take a byte.
  public var idleTimeout: Duration = .seconds(300)
  /// How long the handshake of TLS and the first byte may take together.
  public var handshakeTimeout: Duration = .seconds(10)
  /// How long a client may take none of the bytes that wait for it.
  public var outputTimeout: Duration = .seconds(30)
  /// Bytes that one connection may hold unread; about 20 KiB more may come before reading stops.
  ///
  /// It bounds a message too: a handler that wants still more is never given it, and its connection is cut.
  public var inputBytes = 16 * 1024 * 1024
  /// Bytes that all connections together may hold unread.
  ///
  /// Over it, connections that hold some stop reading, but for one that is let on to its message's end, in turn. Those
  /// whose messages come and go at once are not held up; each may hold one read of about 20 KiB.
  public var inputBytesInAll = 256 * 1024 * 1024
  /// Bytes that may wait for one client; over it the connection is cut.
  public var outputBytes = 1024 * 1024
  /// Silence after which the kernel asks whether the client is still there; nil never asks.
  public var keepAlive: Duration? = .seconds(60)
  /// TLS with this certificate; plain TCP when nil.
  public var tls: TLS?

  public init(address: String) { self.address = address }
}

import BaritoService
import Compression
import Logging
import Settings
import Streams

/// Takes in what fluentd's forward protocol brings.
struct ForwardListener: Sendable {
  let ingest: StreamIngest
  let limits: BodyReader.Limits
  let inflater: Inflater
  /// Whether every client must use the handshake. Then it is greeted at once; no other may come, because one that does
  /// not read the greeting resets its connection when it closes it, and loses what is on its way.
  var requiresHandshake = false
  /// How long a client may be silent until it is greeted: one that is not to answer sends at once, and would take the
  /// greeting for its first acknowledgement.
  var greetingDelay: Duration = .milliseconds(200)
  /// How long a message may take from its first byte to its last.
  var messageTimeout: Duration = .seconds(300)

  static let name = "forward"
  static let settings = StreamListenerSettings(
    name, "fluentd's forward protocol", default: Address("127.0.0.1", 24224))
  static let handshake = Setting(
    "forward.handshake", Bool.self, default: false,
    "Whether each sender must use the handshake: it is greeted at once, and a secret in its tags does not count.")

  /// - Parameter tls: plain TCP when nil.
  func server(
    _ address: Address, _ tls: StreamServerConfiguration.TLS?, threads: Int, connections: Int, bytesInFlight: Int,
    logger: Logger
  ) -> StreamServer {
    var configuration = StreamServerConfiguration(address: address.description)
    configuration.threads = threads
    configuration.maximumConnections = connections
    configuration.inputBytes = limits.bodyBytes + 1 << 16
    configuration.inputBytesInAll = bytesInFlight
    // A quiet container has nothing to say for hours, and the line that it says to a connection that was closed is lost:
    // the kernel finds out who is gone.
    configuration.idleTimeout = .seconds(86_400)
    configuration.handshakeTimeout = tls == nil ? .seconds(86_400) : .seconds(60)
    configuration.tls = tls
    return StreamServer(configuration, logger: logger) { ForwardSession($0, self) }
  }
}

import BaritoCore
import BaritoService
import Logging
import Settings
import Streams

/// Takes syslog over TCP in.
struct SyslogListener: Sendable {
  let ingest: StreamIngest
  let metrics: SyslogMetrics
  /// Of one batch. Bytes of a message are bounded by those of a document.
  let limits: DocumentBatch.Limits

  static let name = "syslog"
  /// Messages that go together.
  static let batchMessages = 500
  static let settings = StreamListenerSettings(name, "syslog over TCP", default: Address("127.0.0.1", 6514))

  /// - Parameter documentBytes: the largest document.
  init(ingest: StreamIngest, metrics: SyslogMetrics, documentBytes: Int) {
    self.ingest = ingest
    self.metrics = metrics
    limits = DocumentBatch.Limits(documentBytes: documentBytes, items: SyslogListener.batchMessages)
  }

  /// - Parameter bytes: that batches which are not safe yet may hold, in all.
  static func bounds(bytes: Int) -> StreamIngest.Limits {
    var bounds = StreamIngest.Limits(bytes: bytes)
    // Nobody but this Router has what was read: to give it up is to lose it. A connection is not given up before its
    // sender has had a working day to notice.
    bounds.lastPatience = .seconds(86_400)
    return bounds
  }

  /// - Parameter tls: plain TCP when nil.
  func server(
    _ address: Address, _ tls: StreamServerConfiguration.TLS?, threads: Int, connections: Int, bytesInFlight: Int,
    logger: Logger
  ) -> StreamServer {
    var configuration = StreamServerConfiguration(address: address.description)
    configuration.threads = threads
    configuration.maximumConnections = connections
    // A message with its framing, and what is read at once.
    configuration.inputBytes = limits.documentBytes + 1 << 17
    configuration.inputBytesInAll = bytesInFlight
    // A quiet host has nothing to say for hours, and what it says to a connection that was closed is lost: the kernel
    // finds out who is gone.
    configuration.idleTimeout = .seconds(86_400)
    configuration.handshakeTimeout = tls == nil ? .seconds(86_400) : .seconds(3600)
    configuration.tls = tls
    return StreamServer(configuration, logger: logger) { SyslogSession($0, self) }
  }
}

/// Why a connection is over. Few and fixed, so that a metric may be labelled with them.
public enum StreamCloseReason: String, Sendable, CaseIterable {
  /// The handler closed it.
  case finished
  /// The client reset it, or the network lost it.
  case clientLost = "client_lost"
  /// What came is not TLS, or no longer.
  case tlsFailed = "tls_failed"
  /// No handshake or no first byte in time.
  case handshakeTimeout = "handshake_timeout"
  /// Nothing came and nothing went for too long.
  case idle
  /// The handler wants more bytes than a connection may hold.
  case inputOverflow = "input_overflow"
  /// Memory was short, and the client did not end its message when it was its turn.
  case inputShortage = "input_shortage"
  /// More bytes wait for the client than may.
  case outputOverflow = "output_overflow"
  /// The client took nothing of what waits for it.
  case outputTimeout = "output_timeout"
  /// The server stopped before the handler was done.
  case serverStopped = "server_stopped"
}

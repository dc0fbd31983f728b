/// What a server has done and holds.
public struct StreamStatistics: Sendable, Equatable {
  /// Connections that are open now.
  public var open = 0
  /// Connections that were accepted, without the refused.
  public var accepted = 0
  /// Connections that were closed at once because there were too many.
  public var refused = 0
  /// Handshakes of TLS that failed or took too long.
  public var failedHandshakes = 0
  /// Bytes that handlers have not consumed, over all connections.
  public var unreadBytes = 0

  public init() {}

  init(open: Int, accepted: Int, refused: Int, failedHandshakes: Int, unreadBytes: Int) {
    self.open = open
    self.accepted = accepted
    self.refused = refused
    self.failedHandshakes = failedHandshakes
    self.unreadBytes = unreadBytes
  }
}

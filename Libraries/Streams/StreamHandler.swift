/// What becomes of one connection's bytes.
///
/// Made, called and freed on the connection's own thread, one call at a time, so that plain state is enough. No call may
/// block: it would hold up every connection of that thread. Other threads reach a handler by
/// `StreamConnection.perform(as:_:)`.
public protocol StreamHandler: AnyObject, SendableMetatype {
  var connection: StreamConnection { get }

  /// The client is there, and with TLS its handshake is done. The place for a greeting.
  func opened()

  /// Bytes have come, or reading was resumed and some are still there.
  ///
  /// - Parameter bytes: all that is unread, from the oldest.
  /// - Returns: how many of them are done with; the rest is given again with what comes next.
  func received(_ bytes: Span<UInt8>) -> Int

  /// The client sends no more, but may still read. Close the connection when its answers are sent; nothing else does.
  ///
  /// - Parameter rest: what `received` left; gone after this call.
  func ended(_ rest: Span<UInt8>)

  /// The server is about to stop: bring what is begun to an end, and close.
  func drain()

  /// The connection is over; the last call.
  func closed(_ reason: StreamCloseReason)
}

extension StreamHandler {
  public func opened() {}
  /// Closes when what was sent is out.
  public func ended(_ rest: Span<UInt8>) { connection.close(afterSending: true) }
  /// Closes when what was sent is out.
  public func drain() { connection.close(afterSending: true) }
  public func closed(_ reason: StreamCloseReason) {}
}

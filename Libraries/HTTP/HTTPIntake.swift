/// What to do with a request, decided when its headers are there and nothing of its body was read.
///
/// The closure that decides runs on the server's thread: it must not block.
public enum HTTPIntake: Sendable {
  /// Answers at once. The body is never read; the connection closes after the answer when there is one.
  case refuse(HTTPResponse)
  /// Reads the body and calls `then` with it **on the server's thread**: it must not block.
  ///
  /// A body over `limit` bytes is refused with 413: before it is read when its length is declared.
  case collect(limit: Int, then: @Sendable (HTTPRequest, [UInt8]) -> HTTPAnswer)
  /// Reads the body and calls `then` with it in a task, which is cancelled when the client leaves.
  case collectAsync(limit: Int, then: @Sendable (HTTPRequest, [UInt8]) async throws -> HTTPResponse)
}

/// The outcome of a handler on the server's thread.
public enum HTTPAnswer: Sendable {
  case now(HTTPResponse)
  /// The connection is suspended; whoever holds the exchange answers it, from any thread.
  case later(@Sendable (HTTPExchange) -> Void)
}

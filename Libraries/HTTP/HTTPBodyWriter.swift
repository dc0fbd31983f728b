/// Writes a response body piece by piece. Awaiting a write is the back-pressure.
public final class HTTPBodyWriter: Sendable {
  private let stream: BodyStream

  init(_ stream: BodyStream) { self.stream = stream }

  /// Sends bytes; returns when all but a bounded rest of them is with the kernel.
  ///
  /// The client sees them at once, without waiting for the next write.
  ///
  /// - Throws: `HTTPError` when the client has left (`clientLeft`) or the server stops (`stopped`), `CancellationError`
  ///   when the task was cancelled.
  public func write(_ bytes: [UInt8]) async throws { try await stream.write(bytes) }

  /// Sends text in UTF-8. Throws as `write(_:)` of bytes does.
  public func write(_ text: String) async throws { try await stream.write(Array(text.utf8)) }

  /// Whether writing makes no sense any more: the client has left or the server stops.
  public var isClosed: Bool { stream.isClosed }
}

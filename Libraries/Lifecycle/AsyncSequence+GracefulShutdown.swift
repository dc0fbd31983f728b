extension AsyncSequence where Self: Sendable, Element: Sendable {
  /// The same elements until the service is asked to end: then the wait for the next one is cancelled and the sequence
  /// ends. An element that arrived is always delivered, an error that the cancelled wait causes is not thrown.
  public func cancelOnGracefulShutdown() -> GracefulShutdownSequence<Self> { GracefulShutdownSequence(base: self) }
}

/// See `AsyncSequence.cancelOnGracefulShutdown()`.
public struct GracefulShutdownSequence<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element: Sendable {
  public typealias Element = Base.Element
  let base: Base

  public func makeAsyncIterator() -> Iterator { Iterator(owner: IteratorOwner(base)) }

  public struct Iterator: AsyncIteratorProtocol {
    let owner: IteratorOwner<Base>

    public func next() async throws -> Element? {
      let shutdown = GracefulShutdown.current
      guard !shutdown.isRequested else { return nil }
      do {
        return try await cancelWhenGracefulShutdown { [owner] in try await owner.next() }
      } catch {
        guard shutdown.isRequested else { throw error }
        return nil
      }
    }
  }
}

/// Keeps an iterator that is not Sendable, so that child tasks can take turns with it.
actor IteratorOwner<Base: AsyncSequence & Sendable> where Base.Element: Sendable {
  private var iterator: Base.AsyncIterator

  init(_ base: Base) { iterator = base.makeAsyncIterator() }

  func next() async throws -> Base.Element? {
    var iterator = iterator
    defer { self.iterator = iterator }
    return try await iterator.next(isolation: self)
  }
}

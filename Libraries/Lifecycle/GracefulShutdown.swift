import Synchronization

/// A wish that something ends when its work in hand is done. It is made once and never taken back.
///
/// Each service of a `ServiceGroup` finds its own in `GracefulShutdown.current`, as do the child tasks it makes.
public final class GracefulShutdown: Sendable {
  /// The one of the running service; outside of a group one that is never requested.
  @TaskLocal public static var current = GracefulShutdown()

  private struct State {
    var isRequested = false
    var handlers: [Int: @Sendable () -> Void] = [:]
    var next = 0
  }
  private let state = Mutex(State())

  public init() {}

  public var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Makes the wish and runs the handlers, on the caller's thread. The second time it does nothing.
  public func request() {
    let handlers = state.withLock { state in
      defer { state.handlers = [:] }
      state.isRequested = true
      return state.handlers.sorted { $0.key < $1.key }.map(\.value)
    }
    for handler in handlers { handler() }
  }

  /// Returns when the wish is made, or the task is cancelled.
  public func wait() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    let registration = add { continuation.finish() }
    for await _ in stream {}
    remove(registration)
  }

  /// Runs a handler once the wish is made, at once if it was. It must return quickly: flip a flag, finish a stream.
  /// - Returns: what to `remove`; nil if it has run.
  func add(_ handler: @escaping @Sendable () -> Void) -> Int? {
    let registration: Int? = state.withLock { state in
      guard !state.isRequested else { return nil }
      state.next += 1
      state.handlers[state.next] = handler
      return state.next
    }
    if registration == nil { handler() }
    return registration
  }

  func remove(_ registration: Int?) {
    guard let registration else { return }
    state.withLock { _ = $0.handlers.removeValue(forKey: registration) }
  }
}

/// Runs an operation with a handler that is called when its service is asked to end.
///
/// - Parameter onGracefulShutdown: called at most once, from any thread; must only flip a flag or finish a stream.
public func withGracefulShutdownHandler<Value>(
  operation: () async throws -> Value, onGracefulShutdown: @escaping @Sendable () -> Void
) async rethrows -> Value {
  let shutdown = GracefulShutdown.current
  let registration = shutdown.add(onGracefulShutdown)
  defer { shutdown.remove(registration) }
  return try await operation()
}

/// Runs an operation as a child task that is cancelled when its service is asked to end.
public func cancelWhenGracefulShutdown<Value: Sendable>(
  _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let shutdown = GracefulShutdown.current
  return try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      await shutdown.wait()
      return nil
    }
    while let value = try await group.next() {
      group.cancelAll()
      if let value { return value }
    }
    throw CancellationError()
  }
}

/// Sleeps, but not longer than the service may run. Returns whether the whole time has passed.
@discardableResult
public func sleepUntilGracefulShutdown(_ duration: Duration) async -> Bool {
  (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }) != nil
}

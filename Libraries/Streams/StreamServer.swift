internal import Dispatch
public import Logging
internal import Synchronization

/// A TCP server, with TLS or without: libevent on threads of its own, a handler for each connection.
///
/// A server that was started must be stopped: `stop()`, or `drain(within:)` to let handlers come to an end.
public final class StreamServer: Sendable {
  private enum State {
    case idle
    case running(StreamCore, StreamListener, port: Int)
    case stopping(StreamCore?)
    case stopped
  }
  private struct Shared {
    var state = State.idle
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let configuration: StreamServerConfiguration
  private let logger: Logger
  private let makeHandler: @Sendable (StreamConnection) -> any StreamHandler
  private let shared = Mutex(Shared())

  /// - Parameter makeHandler: called for each connection, on its own thread.
  public init(
    _ configuration: StreamServerConfiguration, logger: Logger = .silent,
    makeHandler: @escaping @Sendable (StreamConnection) -> any StreamHandler
  ) {
    self.configuration = configuration
    self.logger = logger
    self.makeHandler = makeHandler
  }

  /// The bound port; nil when the server does not run.
  public var port: Int? {
    shared.withLock { if case .running(_, _, let port) = $0.state { port } else { nil } }
  }

  /// All zero when the server does not run.
  public var statistics: StreamStatistics {
    let core: StreamCore? = shared.withLock { shared in
      switch shared.state {
      case .running(let core, _, _): core
      case .stopping(let core): core
      case .idle, .stopped: nil
      }
    }
    return core?.statistics ?? StreamStatistics()
  }

  /// Listens and serves; returns at once.
  ///
  /// - Returns: the bound port.
  /// - Throws: `StreamError`: `invalidAddress`, `cannotListen`, `invalidCertificate`, `cannotStart`.
  @discardableResult
  public func start() throws(StreamError) -> Int {
    let isIdle = shared.withLock { shared in
      guard case .idle = shared.state else { return false }
      shared.state = .stopping(nil)
      return true
    }
    guard isIdle else {
      throw StreamError(
        code: .cannotStart, detail: "cannot start the stream server twice: make a new one", disposition: .fatal)
    }
    do throws(StreamError) {
      let core = try StreamCore(configuration, logger: logger, makeHandler: makeHandler)
      let socket = try ListenSocket(configuration.address)
      let listener = try StreamListener(core, socket.descriptor)
      do throws(StreamError) {
        try core.start()
      } catch {
        listener.discard()
        throw error
      }
      shared.withLock { $0.state = .running(core, listener, port: socket.port) }
      return socket.port
    } catch {
      shared.withLock { $0.state = .idle }
      throw error
    }
  }

  /// Starts if need be, and returns when the server was stopped. Cancellation stops it at once.
  public func run() async throws {
    let isIdle = shared.withLock { if case .idle = $0.state { true } else { false } }
    if isIdle { try start() }
    await withTaskCancellationHandler {
      await untilStopped()
    } onCancel: {
      // A cancellation handler cannot wait; `run` itself does.
      Task { await self.stop() }
    }
  }

  /// Stops gracefully: accepts no more, asks each handler to come to an end, and cuts those that are not done by
  /// `deadline`. Returns when every handler was told that it is closed.
  public func drain(within deadline: Duration) async {
    let running: (StreamCore, StreamListener)? = shared.withLock { shared in
      guard case .running(let core, let listener, _) = shared.state else { return nil }
      shared.state = .stopping(core)
      return (core, listener)
    }
    guard let (core, listener) = running else { return await untilStopped() }
    // Nobody may interrupt a stop half way, or threads would be left running: a task of its own.
    await Task { await StreamServer.drain(core, listener, within: deadline) }.value
    let waiters = shared.withLock { shared in
      shared.state = .stopped
      defer { shared.waiters = [] }
      return shared.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Stops now: connections are cut.
  public func stop() async { await drain(within: .zero) }

  private func untilStopped() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let isOver = shared.withLock { shared in
        switch shared.state {
        case .idle, .stopped: return true
        case .running, .stopping:
          shared.waiters.append(continuation)
          return false
        }
      }
      if isOver { continuation.resume() }
    }
  }

  private static func drain(_ core: StreamCore, _ listener: StreamListener, within limit: Duration) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      listener.stop { continuation.resume() }
    }
    let clock = ContinuousClock()
    let start = clock.now
    if limit > .zero { core.startDraining() }
    while clock.now - start < limit, core.statistics.open > 0 {
      // Polled: a stop is rare, and every other way costs the connections something.
      try? await Task.sleep(for: .milliseconds(10))
    }
    core.cutAll()
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      // Joins threads: not on the pool's.
      DispatchQueue(label: "streams.stop").async {
        core.stopLoops()
        continuation.resume()
      }
    }
  }
}

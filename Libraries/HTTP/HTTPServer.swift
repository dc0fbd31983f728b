internal import Dispatch
internal import Glibc
public import Logging
internal import Synchronization

/// An HTTP/1.1 server: libmicrohttpd with epoll and threads of its own.
///
/// A server that was started must be stopped: `stop()`, or `drain(within:)` to let requests in flight finish.
public final class HTTPServer: Sendable {
  private enum State {
    case idle
    case running(ServerCore, port: Int)
    case stopping
    case stopped
  }
  private struct Shared {
    var state = State.idle
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  /// Idle connections are kept this long in a drain, for requests that are on their way.
  private static let idleGrace = Duration.milliseconds(300)
  /// How long answers that were forced by a deadline may take to be sent.
  private static let lastGrace = Duration.seconds(1)

  private let configuration: HTTPServerConfiguration
  private let routes: Routes
  private let logger: Logger
  private let shared = Mutex(Shared())

  public init(_ configuration: HTTPServerConfiguration, routes: Routes, logger: Logger = .silent) {
    self.configuration = configuration
    self.routes = routes
    self.logger = logger
  }

  /// The bound port; nil when the server does not run.
  public var port: Int? {
    shared.withLock { if case .running(_, let port) = $0.state { port } else { nil } }
  }

  /// Connections that are open now.
  public var connectionCount: Int {
    let core: ServerCore? = shared.withLock { if case .running(let core, _) = $0.state { core } else { nil } }
    return core?.open.load(ordering: .relaxed) ?? 0
  }

  /// Listens and serves; returns at once.
  ///
  /// - Returns: the bound port.
  /// - Throws: `HTTPError`: `invalidAddress`, `cannotListen`, `cannotStart`.
  @discardableResult
  public func start() throws(HTTPError) -> Int {
    let isIdle = shared.withLock { shared in
      guard case .idle = shared.state else { return false }
      shared.state = .stopping
      return true
    }
    guard isIdle else {
      throw HTTPError(
        code: .cannotStart, detail: "cannot start the HTTP server twice: make a new one", disposition: .fatal)
    }
    do {
      let socket = try ListenSocket(configuration.address)
      let core = try ServerCore(configuration, routes: routes, logger: logger, listening: socket)
      try core.start()
      shared.withLock { $0.state = .running(core, port: socket.port) }
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

  /// Stops gracefully: no new connections, `Connection: close` on every answer, endless streams ended, and requests in
  /// flight finished until `deadline`; what is left then is answered with 503. Returns when the server has stopped.
  public func drain(within deadline: Duration) async {
    let core: ServerCore? = shared.withLock { shared in
      guard case .running(let core, _) = shared.state else { return nil }
      shared.state = .stopping
      return core
    }
    guard let core else { return await untilStopped() }
    // Nobody may interrupt a stop half way, or the daemon would be left running: a task of its own.
    await Task { await HTTPServer.drain(core, within: deadline) }.value
    let waiters = shared.withLock { shared in
      shared.state = .stopped
      defer { shared.waiters = [] }
      return shared.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Stops now: requests in flight are answered with 503.
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

  private static func drain(_ core: ServerCore, within limit: Duration) async {
    core.startDraining()
    core.loop.closeListening()
    let clock = ContinuousClock()
    let start = clock.now
    while clock.now - start < limit, core.loop.isListening || core.open.load(ordering: .relaxed) > 0 {
      for connection in core.connections {
        if connection.isBusy.load(ordering: .relaxed) {
          connection.endEndlessStream()
        } else if clock.now - start > idleGrace {
          // What has arrived can still be read; only then comes the end.
          connection.cut(CInt(SHUT_RD))
        }
      }
      // Polled: a stop is rare, and every other way costs the requests something.
      try? await Task.sleep(for: .milliseconds(20))
    }
    let forced = clock.now
    while core.loop.isListening || (clock.now - forced < lastGrace && core.open.load(ordering: .relaxed) > 0) {
      core.stopConnections()
      for connection in core.connections {
        if !connection.isBusy.load(ordering: .relaxed) { connection.cut(CInt(SHUT_RD)) }
      }
      try? await Task.sleep(for: .milliseconds(10))
    }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      // Joins threads: not on the pool's.
      DispatchQueue(label: "http.stop").async {
        core.stopDaemon()
        continuation.resume()
      }
    }
  }
}

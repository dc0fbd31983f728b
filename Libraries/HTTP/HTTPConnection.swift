internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// One TCP connection and the request it is busy with.
///
/// `@unchecked`: libmicrohttpd calls back for a connection from one thread only, the one that polls it, and everything
/// under "the server's thread" is touched there alone. What other threads need lies in `gate` and `deadline`;
/// `MHD_resume_connection` may be called from any thread as long as the connection is suspended, which `gate` knows.
final class HTTPConnection: @unchecked Sendable {
  /// Where the request stands; the library's callbacks move it on.
  enum Phase {
    /// Between requests, or its headers are not complete.
    case idle
    /// The body does not fit the budget; suspended until it does, then `receiving`.
    case waitingForRoom
    case receiving
    /// Refused after the body had begun; the rest is read and dropped, then the answer sent.
    case discarding
    /// Bodiless and refused: the answer waits for the callback that keeps the connection alive.
    case refused(HTTPResponse)
    /// The handler has the request.
    case answering(HTTPExchange)
    /// The answer is with the library.
    case sending
  }

  enum Collector {
    case now(@Sendable (HTTPRequest, [UInt8]) -> HTTPAnswer)
    case async(@Sendable (HTTPRequest, [UInt8]) async throws -> HTTPResponse)
  }

  enum Parking { case parked, tryAgain, stopped }

  struct Gate {
    var isClosed = false
    var isStopped = false
    var isSuspended = false
    /// A wake-up that came while the connection was awake: the next attempt to park returns at once.
    var hasWakeup = false
    var isAdmitted = false
    var hasLeft = false
    var task: Task<Void, Never>?
    var stream: BodyStream?
    var streamIsEndless = false
  }

  /// How long after its client's farewell a connection may still hold a request. The library misses a farewell that
  /// comes together with the last bytes: it reads those and waits for an edge that was already there.
  static let afterDeparture: Int64 = 100_000_000

  let id: UInt64
  let core: ServerCore
  let handle: OpaquePointer
  let descriptor: CInt
  let peer: String
  let gate = Mutex(Gate())
  /// When the client must have got on with it, in monotonic nanoseconds; `.max` when it is not its turn.
  let deadline: Atomic<Int64>
  /// Whether a request has begun and is not over.
  let isBusy = Atomic(false)
  private let left = Atomic(false)

  // The server's thread only.
  var phase = Phase.idle
  var target = ""
  var method = ""
  var request: HTTPRequest?
  var pattern = ""
  var collector: Collector?
  var body: [UInt8] = []
  var limit = 0
  var reserved = 0
  var hasBody = false
  var isLengthKnown = false
  var startedAt: Int64 = 0
  var bodyStartedAt: Int64 = 0
  var bytesIn = 0
  var bytesOut = 0
  var status = 0
  /// The rest of a refused body may be on its way: read some of it after closing, or the reset eats the answer.
  var mustLinger = false

  init(id: UInt64, core: ServerCore, handle: OpaquePointer) {
    self.id = id
    self.core = core
    self.handle = handle
    self.descriptor = barito_mhd_descriptor(handle)
    self.peer = ListenSocket.text(of: barito_mhd_peer(handle))
    self.deadline = Atomic(.max)
  }

  // MARK: Any thread

  /// Suspends the connection until `unpark()`. The caller returns to the library at once when it is parked.
  func park() -> Parking {
    gate.withLock { gate in
      if gate.isStopped { return .stopped }
      if gate.hasWakeup {
        gate.hasWakeup = false
        return .tryAgain
      }
      gate.isSuspended = true
      // Inside the lock, so that no wake-up comes between the decision and the act; it never calls back.
      MHD_suspend_connection(handle)
      return .parked
    }
  }

  /// Wakes the connection: the library calls back and the phase decides what is next. Spurious calls do no harm.
  func unpark() {
    gate.withLock { gate in
      guard !gate.isClosed else { return }
      if gate.isSuspended {
        gate.isSuspended = false
        MHD_resume_connection(handle)
      } else {
        gate.hasWakeup = true
      }
    }
  }

  /// The budget has room for the body.
  func admit() {
    gate.withLock { $0.isAdmitted = true }
    unpark()
  }

  /// The client has closed its end.
  func clientLeft() {
    let (task, stream) = gate.withLock { gate in
      gate.hasLeft = true
      return (gate.task, gate.stream)
    }
    stream?.fail(HTTPError(code: .clientLeft, detail: "cannot write: the client has left", disposition: .reject))
    task?.cancel()
    left.store(true, ordering: .sequentiallyConsistent)
    let current = deadline.load(ordering: .sequentiallyConsistent)
    let last = MonotonicTime.now + HTTPConnection.afterDeparture
    // Only when it is the client's turn, which an answer in the making is not.
    guard current != .max, last < current else { return }
    if deadline.compareExchange(expected: current, desired: last, ordering: .sequentiallyConsistent).exchanged {
      core.loop.expect(last)
    }
  }

  /// Answers what is not answered with 503 and never suspends again, so that the daemon can be stopped.
  func stop() {
    let (task, stream) = gate.withLock { gate in
      gate.isStopped = true
      return (gate.task, gate.stream)
    }
    stream?.fail(HTTPError(code: .stopped, detail: "cannot write: the server stops", disposition: .retry))
    task?.cancel()
    unpark()
  }

  /// Ends a body that has no end of its own.
  func endEndlessStream() {
    gate.withLock { $0.streamIsEndless ? $0.task : nil }?.cancel()
  }

  /// Cuts the connection; the library notices and cleans up.
  func cut(_ how: CInt = CInt(SHUT_RDWR)) {
    gate.withLock { gate in
      if !gate.isClosed { _ = shutdown(descriptor, how) }
    }
  }

  var isHungUp: Bool {
    gate.withLock { gate in
      gate.isClosed || gate.hasLeft
    }
  }

  /// Sets the task that works for the current request, to be cancelled when its client leaves.
  func run(_ work: @escaping @Sendable () async -> Void, stream: BodyStream? = nil, endless: Bool = false) {
    // Unstructured because the request comes from C; the connection owns it and cancels it at the end of the exchange.
    let task = Task { await work() }
    let isOver = gate.withLock { gate in
      gate.task = task
      gate.stream = stream
      gate.streamIsEndless = endless
      return gate.hasLeft || gate.isClosed || gate.isStopped
    }
    if isOver {
      task.cancel()
      stream?.fail(HTTPError(code: .clientLeft, detail: "cannot write: the client has left", disposition: .reject))
    } else if endless, core.isDraining {
      task.cancel()
    }
  }

  func setDeadline(_ time: Int64) {
    guard time != .max else { return deadline.store(.max, ordering: .relaxed) }
    deadline.store(time, ordering: .sequentiallyConsistent)
    guard left.load(ordering: .sequentiallyConsistent) else { return core.loop.expect(time) }
    let last = MonotonicTime.now + HTTPConnection.afterDeparture
    deadline.store(min(time, last), ordering: .relaxed)
    core.loop.expect(min(time, last))
  }
}

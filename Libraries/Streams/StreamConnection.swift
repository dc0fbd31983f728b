internal import CEvent
internal import Synchronization

/// One client, from accepting to closing. Every method may be called from any thread, also when it is over.
///
/// `@unchecked`: libevent's objects are touched on the loop's thread only, as is everything under "the loop's thread".
/// What other threads ask for lies in `orders`.
public final class StreamConnection: @unchecked Sendable {
  /// Where a connection stands.
  enum Phase {
    /// Its handshake of TLS goes on; then `open`.
    case handshaking
    /// The handler has it; then `flushing` or `closed`.
    case open
    /// The handler is done, its bytes are still to be sent; what comes is dropped. Then `lingering` or `closed`.
    case flushing
    /// All is sent, the client was told; what comes is dropped until it leaves, or the reset would eat the answer.
    case lingering
    case closed
  }

  struct Orders {
    /// To be sent, and not yet with libevent.
    var output: [UInt8] = []
    var isPaused = false
    /// No more is sent.
    var isClosing = false
    /// What waits is not sent either.
    var isCut = false
    var isOverrun = false
    var isScheduled = false
  }

  /// How long a client that was told of the end may still send before it is closed on.
  static let lingerTime: Int64 = 2_000_000_000

  public let peerHost: String
  public let peerPort: Int
  public let isTLS: Bool
  let id: UInt64
  let core: StreamCore
  let loop: StreamLoop
  let orders = Mutex(Orders())
  /// Bytes with libevent that are not yet with the kernel.
  let outputLength = Atomic(0)

  // MARK: The loop's thread
  var phase = Phase.handshaking
  var events: OpaquePointer?
  var timer: OpaquePointer?
  var timerAt = Int64.max
  var descriptor: CInt = -1
  var tls: OpaquePointer?
  var handler: (any StreamHandler)?
  var deadlines: StreamDeadlines
  var delays: [ObjectIdentifier: StreamDelay] = [:]
  /// Bytes that the budget knows of.
  var unread = 0
  var share = InputShares.Verdict.free
  var isReading = false
  /// Bytes of the input that the handler was given and left.
  var seen = 0
  /// Bytes that must be unread before the handler is called.
  var wanted = 0
  /// The client sends no more.
  var hasEnded = false
  var hasToldEnd = false
  var lingerUntil: Int64?

  init(id: UInt64, core: StreamCore, loop: StreamLoop, peer: (host: String, port: Int)) {
    self.id = id
    self.core = core
    self.loop = loop
    peerHost = peer.host
    peerPort = peer.port
    isTLS = core.tls != nil
    deadlines = StreamDeadlines(core.configuration, now: MonotonicTime.now)
  }

  // MARK: Any thread

  /// `127.0.0.1:40112` or `[::1]:40112`.
  public var peer: String { peerHost.contains(":") ? "[\(peerHost)]:\(peerPort)" : "\(peerHost):\(peerPort)" }

  /// Sends these bytes after all that were given before. A client that lets more than `outputBytes` wait is cut.
  ///
  /// - Returns: false when the connection is over or closing, and nothing was taken.
  @discardableResult
  public func send(_ bytes: [UInt8]) -> Bool {
    let limit = core.configuration.outputBytes
    let (isTaken, mustSchedule) = orders.withLock { orders in
      guard !orders.isClosing else { return (false, false) }
      if orders.output.count + bytes.count + outputLength.load(ordering: .relaxed) > limit {
        orders.isOverrun = true
        orders.isClosing = true
        orders.output = []
      } else {
        orders.output += bytes
      }
      // On the loop's thread it goes out at once; only being cut must wait until the handler has returned.
      if loop.isCurrent, !orders.isOverrun { return (true, false) }
      defer { orders.isScheduled = true }
      return (!orders.isOverrun, !orders.isScheduled)
    }
    if mustSchedule {
      loop.perform { self.obey() }
    } else if isTaken, loop.isCurrent {
      moveOutput()
    }
    return isTaken
  }

  /// Reads no more, so that the client is held back, until `resumeReading()`. Called within `received`, it takes effect
  /// when that returns.
  ///
  /// What the client sent before stays unread, and no timeout of input runs. Until reading goes on only a reset is
  /// noticed, not that the client has closed: bound the pause.
  public func pauseReading() { order { $0.isPaused = true } }

  /// Reads on; `received` is called again when bytes are left.
  public func resumeReading() { order { $0.isPaused = false } }

  /// Ends the connection; the handler's `closed` follows. With `afterSending`, what was sent goes out first, within
  /// `outputTimeout`.
  public func close(afterSending: Bool) {
    order { orders in
      orders.isClosing = true
      if !afterSending { orders.isCut = true }
    }
  }

  /// Calls with the handler on its own thread, after what it is doing now; never when the connection is over by then.
  ///
  /// - Parameter type: the handler's, as the server's factory makes it; another is a fault of the program.
  public func perform<Handler: StreamHandler>(
    as type: Handler.Type = Handler.self, _ body: @escaping @Sendable (Handler) -> Void
  ) {
    loop.perform { self.call(type, body) }
  }

  /// Calls with the handler on its own thread when the time has passed; never when the connection is over by then.
  public func after<Handler: StreamHandler>(
    _ time: Duration, as type: Handler.Type = Handler.self, _ body: @escaping @Sendable (Handler) -> Void
  ) {
    loop.perform { self.delay(time.nanoseconds) { self.call(type, body) } }
  }

  /// Within `received` only: do not call it again before that many bytes are unread, or the client has ended.
  ///
  /// For messages that tell their length, or scanners that would begin anew each time. It must not exceed `inputBytes`.
  public func expect(_ count: Int) {
    precondition(loop.isCurrent, "expect(_:) is for the handler's own thread")
    wanted = count
  }

  private func order(_ change: (inout Orders) -> Void) {
    let mustSchedule = orders.withLock { orders in
      change(&orders)
      defer { orders.isScheduled = true }
      return !orders.isScheduled
    }
    // Never at once: the handler may be in the middle of something.
    if mustSchedule { loop.perform { self.obey() } }
  }

  /// The budget has room, or it is this connection's turn.
  func hasRoom() { loop.perform { self.settle() } }

  private func call<Handler: StreamHandler>(_ type: Handler.Type, _ body: (Handler) -> Void) {
    guard let handler else { return }
    guard let handler = handler as? Handler else { fatalError("the handler of this connection is no \(type)") }
    body(handler)
  }
}

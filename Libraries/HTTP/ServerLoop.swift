internal import CMicroHTTPD
internal import Dispatch
internal import Glibc
internal import Logging
internal import Synchronization

/// The thread beside the library's: accepts connections, cuts off clients that overdraw a deadline, notices those that
/// leave while their connection is suspended, and keeps closed sockets until a refused client has read its answer.
///
/// It sleeps until the next thing happens or the next deadline comes.
final class ServerLoop: Sendable {
  static let firstConnection: UInt64 = 16
  private static let wakeTag: UInt64 = 0
  private static let listenTag: UInt64 = 1
  private static let lingerBit: UInt64 = 1 << 63
  private static let lingerTime: Int64 = 2_000_000_000
  private static let lingerBytes = 1 << 20
  private static let lingerCount = 256
  private static let pause: Int64 = 100_000_000
  private static let lastLingerTime: Int64 = 300_000_000

  private struct Orders {
    var mustClose = false
    var mustEnd = false
    var lingering: [CInt] = []
    var lingerCount = 0
  }

  private struct Lingering {
    var until: Int64
    var bytes = 0
  }

  private let listening: CInt
  private let limit: Int
  private let epoll: CInt
  private let event: CInt
  private let orders = Mutex(Orders())
  private let nextLook = Atomic<Int64>(.max)
  private let isFull = Atomic(false)
  private let hasClosed = Atomic(false)
  private let ended = DispatchSemaphore(value: 0)

  init(listening: CInt, limit: Int) throws(HTTPError) {
    self.listening = listening
    self.limit = limit
    epoll = barito_epoll_create()
    event = barito_eventfd()
    guard epoll >= 0, event >= 0 else {
      let reason = String(cString: strerror(errno))
      for descriptor in [epoll, event, listening] where descriptor >= 0 { close(descriptor) }
      throw HTTPError(code: .cannotStart, detail: "cannot start the HTTP server: \(reason)", disposition: .fatal)
    }
    add(event, barito_epollin, ServerLoop.wakeTag)
  }

  // MARK: Any thread

  /// A deadline was set: the loop must look at it by then.
  func expect(_ time: Int64) {
    if nextLook.min(time, ordering: .relaxed).oldValue > time { wake() }
  }

  /// Tells `HTTPConnection.clientLeft()` when the other end closes. Once for a connection: the kernel forgets it when
  /// the descriptor is closed.
  func watch(_ descriptor: CInt, id: UInt64) { add(descriptor, barito_epoll_departure, id) }

  /// Keeps a copy of a descriptor that is about to be closed, and reads what still comes, within bounds.
  func linger(_ descriptor: CInt) {
    let isTaken = orders.withLock { orders in
      guard orders.lingerCount < ServerLoop.lingerCount, !orders.mustEnd else { return false }
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
      guard copy >= 0 else { return false }
      orders.lingerCount += 1
      orders.lingering.append(copy)
      return true
    }
    if isTaken { wake() }
  }

  /// A connection was closed.
  func hasRoom() {
    if isFull.load(ordering: .relaxed) { wake() }
  }

  /// Accepts what waits in the kernel's queue and closes the listening socket.
  func closeListening() {
    orders.withLock { $0.mustClose = true }
    wake()
  }

  /// Whether no more connection will be accepted.
  var isListening: Bool { !hasClosed.load(ordering: .acquiring) }

  func start(_ core: ServerCore) {
    // A serial queue has a thread of its own.
    DispatchQueue(label: "http.loop").async { self.run(core) }
  }

  /// Ends the thread and waits for it.
  func stop() {
    orders.withLock { $0.mustEnd = true }
    wake()
    ended.wait()
  }

  /// Frees what a loop holds that was never started.
  func discard() {
    for descriptor in [epoll, event, listening] { close(descriptor) }
  }

  private func wake() {
    var one: UInt64 = 1
    _ = Glibc.write(event, &one, 8)
  }

  @discardableResult
  private func add(_ descriptor: CInt, _ events: UInt32, _ tag: UInt64) -> CInt {
    barito_epoll_add(epoll, descriptor, events, tag)
  }

  // MARK: The loop's thread

  private func run(_ core: ServerCore) {
    var events = [UInt64](repeating: 0, count: 64)
    var lingering: [CInt: Lingering] = [:]
    var isPolled = false
    var pausedUntil: Int64 = 0
    while true {
      let (mustEnd, mustClose) = takeOrders(&lingering)
      if mustEnd {
        let last = MonotonicTime.now + ServerLoop.lastLingerTime
        lingering = lingering.mapValues { Lingering(until: min(last, $0.until), bytes: $0.bytes) }
      }
      if mustClose, isListening {
        // What the kernel has accepted is ours to answer.
        while accept(core) == .accepted {}
        close(listening)
        hasClosed.store(true, ordering: .releasing)
      }
      var now = MonotonicTime.now
      isFull.store(true, ordering: .relaxed)
      let mayAccept = core.open.load(ordering: .relaxed) < limit && now >= pausedUntil
      if mayAccept { isFull.store(false, ordering: .relaxed) }
      if isListening, mayAccept != isPolled {
        if mayAccept {
          add(listening, barito_epollin, ServerLoop.listenTag)
        } else {
          _ = barito_epoll_remove(epoll, listening)
        }
        isPolled = mayAccept
      }
      if now >= nextLook.load(ordering: .relaxed) { look(core, now) }
      endLingering(&lingering, now)
      if mustEnd, lingering.isEmpty { break }
      var wake = nextLook.load(ordering: .relaxed)
      if pausedUntil > now { wake = min(wake, pausedUntil) }
      for socket in lingering.values { wake = min(wake, socket.until) }
      now = MonotonicTime.now
      let timeout = wake == .max ? -1 : wake <= now ? 0 : CInt(clamping: (wake - now) / 1_000_000 + 1)
      let count = barito_epoll_wait(epoll, &events, CInt(events.count), timeout)
      for tag in events.prefix(Int(count)) {
        switch tag {
        case ServerLoop.wakeTag:
          var value: UInt64 = 0
          _ = Glibc.read(self.event, &value, 8)
        case ServerLoop.listenTag:
          for _ in 0..<16 {
            let outcome = accept(core)
            if outcome == .exhausted {
              // Told when it starts, not each time.
              if pausedUntil == 0 { core.logger.info("cannot accept connections: descriptors or memory are short") }
              pausedUntil = MonotonicTime.now + ServerLoop.pause
            } else if outcome == .accepted, pausedUntil != 0 {
              core.logger.info("accepting connections again")
              pausedUntil = 0
            }
            if outcome != .accepted { break }
          }
        case _ where tag & ServerLoop.lingerBit != 0:
          drain(CInt(truncatingIfNeeded: tag & 0xFFFF_FFFF), &lingering)
        default: core.connection(tag)?.clientLeft()
        }
      }
    }
    if isListening { close(listening) }
    close(epoll)
    close(event)
    ended.signal()
  }

  private enum Acceptance { case accepted, none, exhausted }

  private func accept(_ core: ServerCore) -> Acceptance {
    guard core.open.load(ordering: .relaxed) < limit || core.isDraining else { return .none }
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let descriptor = barito_accept(listening, address, &size)
        if descriptor < 0 {
          switch errno {
          case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            return .exhausted
          case ECONNABORTED, EINTR: return .accepted
          default: return .none
          }
        }
        core.open.add(1, ordering: .relaxed)
        // It owns the descriptor, also when it refuses.
        if MHD_add_connection(core.daemon, descriptor, address, size) == .NO {
          core.open.subtract(1, ordering: .relaxed)
        }
        return .accepted
      }
    }
  }

  /// Cuts off those whose deadline has come, and finds the next one.
  private func look(_ core: ServerCore, _ now: Int64) {
    // Deadlines that are set while we look must wake us.
    nextLook.store(.max, ordering: .relaxed)
    var next = Int64.max
    for connection in core.connections {
      let deadline = connection.deadline.load(ordering: .relaxed)
      if deadline <= now {
        core.logger.debug("cut off a client that was too slow", ["http.peer": connection.peer])
        connection.deadline.store(.max, ordering: .relaxed)
        connection.cut()
      } else {
        next = min(next, deadline)
      }
    }
    _ = nextLook.min(next, ordering: .relaxed)
  }

  private func takeOrders(_ lingering: inout [CInt: Lingering]) -> (mustEnd: Bool, mustClose: Bool) {
    let (new, mustEnd, mustClose) = orders.withLock { orders in
      defer { orders.lingering = [] }
      return (orders.lingering, orders.mustEnd, orders.mustClose)
    }
    for descriptor in new {
      lingering[descriptor] = Lingering(until: MonotonicTime.now + ServerLoop.lingerTime)
      // With TLS, or a connection that was cut, the library has not said that nothing follows.
      shutdown(descriptor, CInt(SHUT_WR))
      add(descriptor, barito_epollin, ServerLoop.lingerBit | UInt64(UInt32(bitPattern: descriptor)))
    }
    return (mustEnd, mustClose)
  }

  private func drain(_ descriptor: CInt, _ lingering: inout [CInt: Lingering]) {
    guard var socket = lingering[descriptor] else { return }
    let count = withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) {
      recv(descriptor, $0.baseAddress, $0.count, 0)
    }
    socket.bytes += max(0, count)
    let isOver = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    if isOver || socket.bytes > ServerLoop.lingerBytes { socket.until = 0 }
    lingering[descriptor] = socket
  }

  private func endLingering(_ lingering: inout [CInt: Lingering], _ now: Int64) {
    for (descriptor, socket) in lingering where socket.until <= now {
      lingering[descriptor] = nil
      close(descriptor)
      orders.withLock { $0.lingerCount -= 1 }
    }
  }
}

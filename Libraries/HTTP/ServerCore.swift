internal import CMicroHTTPD
internal import Glibc
internal import Logging
internal import Synchronization

/// What the threads of one running server share. The daemon holds it until it is stopped.
///
/// `@unchecked`: the daemon's handle is set once, before the loop and thus any callback runs.
final class ServerCore: @unchecked Sendable {
  let configuration: HTTPServerConfiguration
  let routes: Routes
  let logger: Logger
  let budget: BodyBudget
  let loop: ServerLoop
  let headerTimeout: Int64
  let idleTimeout: Int64
  /// Connections handed to the library and not closed.
  let open = Atomic(0)
  private let draining = Atomic(false)
  private let stopped = Atomic(false)
  private let registry = Mutex<[UInt64: HTTPConnection]>([:])
  private let nextID = Atomic<UInt64>(ServerLoop.firstConnection)
  private(set) var daemon: OpaquePointer?

  init(_ configuration: HTTPServerConfiguration, routes: Routes, logger: Logger, listening: ListenSocket)
    throws(HTTPError)
  {
    self.configuration = configuration
    self.routes = routes
    self.logger = logger
    DescriptorLimit.raise()
    budget = BodyBudget(bytes: configuration.bodyBytesInFlight)
    loop = try ServerLoop(listening: listening.descriptor, limit: configuration.maxConnections)
    headerTimeout = MonotonicTime.nanoseconds(configuration.headerTimeout)
    idleTimeout = MonotonicTime.nanoseconds(configuration.idleTimeout)
  }

  /// Starts the daemon and the loop that feeds it.
  func start() throws(HTTPError) {
    let threads = max(1, configuration.threads)
    var options = barito_mhd_options()
    options.threads = UInt32(threads)
    // The loop counts connections; the library divides its limit by threads and must never be the one to refuse.
    options.connections = UInt32(clamping: (configuration.maxConnections + 4096) * threads)
    options.connections_per_address = UInt32(clamping: configuration.maxConnectionsPerAddress)
    options.idle_seconds = UInt32(clamping: max(1, configuration.idleTimeout.components.seconds))
    options.connection_memory = max(4096, configuration.connectionMemory)
    options.context = Unmanaged.passRetained(self).toOpaque()
    options.on_request = onRequest
    options.on_completed = onCompleted
    options.on_connection = onConnection
    options.on_request_line = onRequestLine
    options.unescape = leaveEscapes
    options.log = onLog
    daemon = (configuration.tls?.certificate).withOptionalCString { certificate in
      (configuration.tls?.key).withOptionalCString { key in
        options.certificate = certificate
        options.key = key
        return barito_mhd_start(&options)
      }
    }
    guard daemon != nil else {
      Unmanaged.passUnretained(self).release()
      loop.discard()
      throw HTTPError(
        code: .cannotStart,
        detail: "cannot start the HTTP server on \(configuration.address): threads or descriptors are short"
          + (configuration.tls == nil ? "" : ", or certificate and key do not fit"), disposition: .fatal)
    }
    loop.start(self)
  }

  var isDraining: Bool { draining.load(ordering: .relaxed) }

  func startDraining() { draining.store(true, ordering: .relaxed) }

  var connections: [HTTPConnection] { registry.withLock { Array($0.values) } }

  func connection(_ id: UInt64) -> HTTPConnection? { registry.withLock { $0[id] } }

  /// Answers what is not answered with 503; from now on no connection is suspended.
  func stopConnections() {
    stopped.store(true, ordering: .sequentiallyConsistent)
    for connection in connections { connection.stop() }
  }

  /// Blocks until every thread has ended.
  func stopDaemon() {
    guard let daemon else { return }
    stopConnections()
    MHD_stop_daemon(daemon)
    // After the daemon, whose callbacks wake the loop.
    loop.stop()
    Unmanaged.passUnretained(self).release()
  }

  fileprivate func connected(_ handle: OpaquePointer) -> HTTPConnection {
    let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
    let connection = HTTPConnection(id: id, core: self, handle: handle)
    registry.withLock { $0[id] = connection }
    connection.setDeadline(MonotonicTime.now + headerTimeout)
    loop.watch(connection.descriptor, id: id)
    if stopped.load(ordering: .sequentiallyConsistent) { connection.stop() }
    return connection
  }

  fileprivate func disconnected(_ connection: HTTPConnection) {
    let unread = connection.gate.withLock { gate in
      gate.isClosed = true
      var count: CInt = 0
      _ = ioctl(connection.descriptor, UInt(FIONREAD), &count)
      return count > 0
    }
    if unread || connection.mustLinger { loop.linger(connection.descriptor) }
    registry.withLock { _ = $0.removeValue(forKey: connection.id) }
    open.subtract(1, ordering: .relaxed)
    loop.hasRoom()
  }
}

extension String? {
  fileprivate func withOptionalCString<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let self else { return body(nil) }
    return self.withCString(body)
  }
}

private func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
  context.map { Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
}

private func connection(_ context: UnsafeMutableRawPointer?) -> HTTPConnection? {
  context.map { Unmanaged<HTTPConnection>.fromOpaque($0).takeUnretainedValue() }
}

private func onConnection(
  _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_ConnectionNotificationCode
) {
  guard let core = core(context), let handle, let slot else { return }
  if code == .CONNECTION_NOTIFY_STARTED {
    slot.pointee = Unmanaged.passRetained(core.connected(handle)).toOpaque()
  } else if let raw = slot.pointee {
    core.disconnected(Unmanaged<HTTPConnection>.fromOpaque(raw).takeRetainedValue())
    slot.pointee = nil
  }
}

private func onRequestLine(
  _ context: UnsafeMutableRawPointer?, _ uri: UnsafePointer<CChar>?, _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let handle, let uri, let slot = barito_mhd_socket_context(handle) else { return nil }
  // Bytes that are no UTF-8 must not turn into replacement characters: they are refused with the target.
  connection(slot)?.requestLine(String(validatingCString: uri) ?? "%")
  return slot
}

private func onRequest(
  _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
  _ size: UnsafeMutablePointer<Int>?, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let connection = connection(slot?.pointee), let method, let size else { return .NO }
  return connection.serve(method: method, upload: upload, size: size)
}

private func onCompleted(
  _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
  connection(slot?.pointee)?.complete(reason)
}

private func leaveEscapes(
  _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?
) -> Int {
  text.map { strlen($0) } ?? 0
}

private func onLog(_ context: UnsafeMutableRawPointer?, _ format: UnsafePointer<CChar>?, _ arguments: CVaListPointer?) {
  guard let core = core(context), core.logger.level <= .debug, let format, let arguments else { return }
  var text = [CChar](repeating: 0, count: 512)
  vsnprintf(&text, text.count, format, arguments)
  var bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
  core.logger.debug("libmicrohttpd", ["message": String(decoding: bytes, as: UTF8.self)])
}

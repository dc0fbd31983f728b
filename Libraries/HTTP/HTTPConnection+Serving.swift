internal import CMicroHTTPD
internal import Glibc
internal import Logging
internal import Synchronization

/// What the library's callbacks do. All of it runs on the server's thread.
extension HTTPConnection {
  /// The first line of a request was read.
  func requestLine(_ target: String) {
    self.target = target
    startedAt = MonotonicTime.now
    isBusy.store(true, ordering: .relaxed)
    setDeadline(startedAt + core.headerTimeout)
  }

  /// The library's access handler: called with the headers, with each piece of the body, and when all is there.
  func serve(method: UnsafePointer<CChar>, upload: UnsafePointer<CChar>?, size: UnsafeMutablePointer<Int>) -> MHD_Result
  {
    switch phase {
    case .idle: return begin(method)
    case .waitingForRoom: return enterRoom()
    case .receiving:
      guard size.pointee > 0, let upload else { return callHandler() }
      defer { size.pointee = 0 }
      return receive(UnsafeRawBufferPointer(start: upload, count: size.pointee))
    case .discarding:
      guard size.pointee > 0 else { return queue(.tooLarge(limit: limit)) }
      bytesIn += size.pointee
      size.pointee = 0
      return bytesIn > 2 * limit + BodyStream.capacity ? .NO : .YES
    case .refused(let response): return queue(response)
    case .answering(let exchange): return awaitAnswer(exchange)
    case .sending:
      size.pointee = 0
      return .YES
    }
  }

  private func begin(_ method: UnsafePointer<CChar>) -> MHD_Result {
    var headers = HTTPHeaders()
    headers.reserve(fields: 16, bytes: 640)
    withUnsafeMutablePointer(to: &headers) {
      _ = MHD_get_connection_values_n(handle, .HEADER_KIND, copyHeader, $0)
    }
    let framing = BodyFraming(headers)
    hasBody = framing.hasBody
    let name = String(cString: method)
    self.method = name
    guard
      var request = HTTPRequest(method: name, target: target, headers: headers, peer: peer)
    else { return refuse(.bad("The target of the request has a bad escape or is not UTF-8.")) }
    if case .invalid(let detail) = framing { return refuse(.bad(detail)) }
    let (intake, pattern) = core.routes.intake(for: &request)
    self.pattern = pattern
    self.request = request
    switch intake {
    case .refuse(let response): return refuse(response)
    case .collect(let limit, let then):
      collector = .now(then)
      self.limit = limit
    case .collectAsync(let limit, let then):
      collector = .async(then)
      self.limit = limit
    }
    switch framing {
    case .length(let length):
      isLengthKnown = true
      guard length <= limit else { return refuse(.tooLarge(limit: limit)) }
      return makeRoom(length)
    case .chunked:
      isLengthKnown = false
      return makeRoom(limit)
    case .none, .invalid:
      phase = .receiving
      return .YES
    }
  }

  private func refuse(_ response: HTTPResponse) -> MHD_Result {
    guard hasBody else {
      // An answer in the first callback closes the connection; the next callback comes at once when there is no body.
      phase = .refused(response)
      return .YES
    }
    mustLinger = true
    return queue(response)
  }

  private func makeRoom(_ bytes: Int) -> MHD_Result {
    reserved = bytes
    if core.budget.take(bytes, for: self) { return startBody() }
    phase = .waitingForRoom
    setDeadline(.max)
    return enterRoom()
  }

  private func enterRoom() -> MHD_Result {
    while true {
      let isAdmitted = gate.withLock { gate in
        defer { gate.isAdmitted = false }
        return gate.isAdmitted
      }
      if isAdmitted { return startBody() }
      switch park() {
      case .parked: return .YES
      case .tryAgain: continue
      case .stopped:
        if core.budget.withdraw(self) { reserved = 0 }
        mustLinger = true
        return queue(.stopping)
      }
    }
  }

  private func startBody() -> MHD_Result {
    phase = .receiving
    bodyStartedAt = MonotonicTime.now
    setDeadline(bodyStartedAt + core.headerTimeout)
    if isLengthKnown { body.reserveCapacity(reserved) }
    return .YES
  }

  private func receive(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
    bytesIn += piece.count
    guard bytesIn <= limit else { return overflow() }
    body.append(contentsOf: piece)
    let rate = Int64(max(1, core.configuration.minimumBodyRate))
    setDeadline(bodyStartedAt + core.headerTimeout + Int64(bytesIn) * 1_000_000_000 / rate)
    return .YES
  }

  /// A chunked body went past its limit. The library takes no answer in the middle of a body, so it is written to the
  /// socket past it; through TLS that cannot be, there the rest is read and dropped, up to a bound.
  private func overflow() -> MHD_Result {
    body = []
    guard core.configuration.tls == nil else {
      phase = .discarding
      return .YES
    }
    let response = HTTPResponse.tooLarge(limit: limit)
    status = response.status
    let bytes = response.wireBytes
    _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    mustLinger = true
    phase = .sending
    return .NO
  }

  private func callHandler() -> MHD_Result {
    setDeadline(.max)
    guard let request, let collector else { return .NO }
    let body = self.body
    self.body = []
    // A chunked body took the whole limit of its route; its answer may be long in coming.
    let needed = max(1, bytesIn)
    if reserved > needed {
      core.budget.shrink(by: reserved - needed)
      reserved = needed
    }
    switch collector {
    case .now(let then):
      switch then(request, body) {
      case .now(let response): return queue(response)
      case .later(let start):
        let exchange = HTTPExchange(self)
        phase = .answering(exchange)
        start(exchange)
        return awaitAnswer(exchange)
      }
    case .async(let then):
      let exchange = HTTPExchange(self)
      phase = .answering(exchange)
      let (mapper, logger) = (core.routes.errorMapper, core.logger)
      let pattern = self.pattern
      run {
        do {
          exchange.respond(try await then(request, body))
        } catch {
          let response = mapper(error)
          if response.status == 500 {
            logger.info("a handler failed", ["http.route": pattern, "error": "\(error)"])
          }
          exchange.respond(response)
        }
      }
      return awaitAnswer(exchange)
    }
  }

  private func awaitAnswer(_ exchange: HTTPExchange) -> MHD_Result {
    while true {
      if let response = exchange.take() { return queue(response) }
      switch park() {
      case .parked: return .YES
      case .tryAgain: continue
      case .stopped:
        exchange.respond(.stopping)
        return queue(exchange.take() ?? .stopping)
      }
    }
  }

  /// Hands the answer to the library.
  private func queue(_ response: HTTPResponse) -> MHD_Result {
    setDeadline(.max)
    status = response.status
    phase = .sending
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
      bytesOut = isBodySent(response) ? bytes.count : 0
      made = bytes.withUnsafeBytes {
        // The library only reads what it copies.
        MHD_create_response_from_buffer(
          $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .stream(let write): made = stream(response, write, endless: false)
    case .endless(let write): made = stream(response, write, endless: true)
    }
    guard let made else { return .NO }
    response.headers.forEachCString { name, value in MHD_add_response_header(made, name, value) }
    if core.isDraining { MHD_add_response_header(made, "Connection", "close") }
    let result = MHD_queue_response(handle, UInt32(clamping: response.status), made)
    MHD_destroy_response(made)
    return result
  }

  private func isBodySent(_ response: HTTPResponse) -> Bool {
    method != "HEAD" && HTTPStatus.allowsBody(response.status)
  }

  private func stream(
    _ response: HTTPResponse, _ write: @escaping @Sendable (HTTPBodyWriter) async throws -> Void, endless: Bool
  ) -> OpaquePointer? {
    let stream = BodyStream(self)
    let made = MHD_create_response_from_callback(
      UInt64.max, 32 * 1024, readStream, Unmanaged.passRetained(stream).toOpaque(), releaseStream)
    guard isBodySent(response) else {
      // Otherwise the library sends the end of a chunked body, which nobody expects.
      barito_mhd_end_by_closing(made)
      return made
    }
    run(
      {
        do {
          try await write(HTTPBodyWriter(stream))
          stream.end()
        } catch is CancellationError where endless {
          stream.end()
        } catch {
          stream.fail(HTTPError(code: .stopped, detail: "the writer broke off: \(error)", disposition: .reject))
        }
      }, stream: stream, endless: endless)
    return made
  }

  /// The next bytes of a stream, for the library.
  func read(_ stream: BodyStream, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      switch stream.read(into: buffer) {
      case .bytes(let count):
        bytesOut += count
        return count
      case .end: return -1
      case .broken: return breakOff()
      case .notYet:
        switch park() {
        case .parked: return 0
        case .tryAgain: continue
        case .stopped: return breakOff()
        }
      }
    }
  }

  /// Ends a stream so that the client sees it is not whole. An error of the reader would do, but then 0.9.75 forgets to
  /// clean up until something else happens on its thread; writing the end to a closed socket fails where it cleans up.
  private func breakOff() -> Int {
    _ = shutdown(descriptor, CInt(SHUT_RDWR))
    return -1
  }

  /// The exchange is over, one way or the other.
  func complete(_ reason: MHD_RequestTerminationCode) {
    let isWhole = reason == .REQUEST_TERMINATED_COMPLETED_OK
    if case .answering(let exchange) = phase { exchange.finish() }
    if reserved > 0, !core.budget.withdraw(self) { core.budget.release(reserved) }
    let (task, stream) = gate.withLock { gate in
      defer {
        gate.task = nil
        gate.stream = nil
        gate.streamIsEndless = false
        gate.isAdmitted = false
      }
      return (gate.task, gate.stream)
    }
    if !isWhole {
      stream?.fail(HTTPError(code: .clientLeft, detail: "cannot write: the client has left", disposition: .reject))
      task?.cancel()
    }
    if case .idle = phase {
    } else if let onFinish = core.routes.onFinish {
      onFinish(
        FinishedExchange(
          method: FinishedExchange.known(method), pattern: pattern, status: status,
          duration: .nanoseconds(MonotonicTime.now - startedAt), bytesIn: bytesIn, bytesOut: bytesOut,
          outcome: isWhole || mustLinger ? .answered : .aborted))
    }
    phase = .idle
    target = ""
    request = nil
    collector = nil
    body = []
    pattern = ""
    (limit, reserved, bytesIn, bytesOut, status) = (0, 0, 0, 0, 0)
    isBusy.store(false, ordering: .relaxed)
    setDeadline(MonotonicTime.now + core.idleTimeout + core.headerTimeout)
  }
}

private func copyHeader(
  _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameCount: Int,
  _ value: UnsafePointer<CChar>?, _ valueCount: Int
) -> MHD_Result {
  context?.assumingMemoryBound(to: HTTPHeaders.self).pointee.add(
    name: UnsafeRawBufferPointer(start: name, count: nameCount),
    value: UnsafeRawBufferPointer(start: value, count: valueCount))
  return .YES
}

private func readStream(
  _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int
) -> Int {
  guard let context else { return -2 }
  let stream = Unmanaged<BodyStream>.fromOpaque(context).takeUnretainedValue()
  return stream.connection.read(stream, into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
}

private func releaseStream(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<BodyStream>.fromOpaque(context).release()
}

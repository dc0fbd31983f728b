internal import CEvent
internal import Glibc
internal import Logging
internal import Synchronization

/// What happens on the loop's thread.
extension StreamConnection {
  // MARK: Beginning

  /// Takes the descriptor. False when memory is short: then it is still the caller's.
  func open(_ descriptor: CInt) -> Bool {
    barito_no_delay(descriptor)
    if let time = core.configuration.keepAlive {
      barito_keep_alive(descriptor, CInt(clamping: max(1, time.components.seconds)))
    }
    if let context = core.tls {
      guard let tls = context.makeConnection() else { return false }
      events = barito_event_tls(loop.base, descriptor, tls)
      if events == nil {
        SSL_free(tls)
      } else {
        self.tls = tls
      }
    } else {
      events = barito_event_plain(loop.base, descriptor)
    }
    guard let events else { return false }
    self.descriptor = descriptor
    // Released by `free`.
    let context = Unmanaged.passRetained(self).toOpaque()
    timer = loop.makeTimer(context, onTimer)
    bufferevent_setcb(events, onReadable, onWritten, onEvent, context)
    evbuffer_add_cb(bufferevent_get_output(events), onOutput, context)
    loop.add(self)
    if tls == nil { begin() }
    arm()
    return true
  }

  private func begin() {
    phase = .open
    let handler = core.makeHandler(self)
    self.handler = handler
    handler.opened()
    updateReading(isFirst: true)
    if core.isDraining { drain() }
  }

  func drain() {
    switch phase {
    case .handshaking: finish(.serverStopped)
    case .open: handler?.drain()
    case .flushing, .lingering, .closed: break
    }
  }

  // MARK: Orders

  /// Does what other threads, or the handler, have asked for.
  func obey() {
    let orders = orders.withLock { orders in
      orders.isScheduled = false
      return (isOverrun: orders.isOverrun, isCut: orders.isCut, isClosing: orders.isClosing)
    }
    guard phase != .closed else { return }
    if orders.isOverrun { return finish(.outputOverflow) }
    if orders.isCut { return finish(.finished) }
    moveOutput()
    if orders.isClosing { return flush() }
    deliver()
  }

  /// Gives libevent what waits. Calls nobody back.
  func moveOutput() {
    guard let events else { return }
    let bytes = orders.withLock { orders in
      defer { orders.output = [] }
      // Under the lock, so that `send` misses no byte on its way from here to there.
      outputLength.add(orders.output.count, ordering: .relaxed)
      return orders.output
    }
    guard !bytes.isEmpty else { return }
    if !deadlines.isWriting {
      deadlines.isWriting = true
      deadlines.outputAt = MonotonicTime.now
    }
    _ = bytes.withUnsafeBytes { bufferevent_write(events, $0.baseAddress, $0.count) }
    arm()
  }

  // MARK: Reading

  /// Gives the handler what it has not seen.
  func deliver() {
    guard phase == .open, let events, let handler, let input = bufferevent_get_input(events) else { return }
    let length = evbuffer_get_length(input)
    if length > seen, isListening, length >= wanted || hasEnded {
      wanted = 0
      let consumed = withBytes(input) { handler.received($0) }
      precondition(consumed >= 0 && consumed <= length, "a handler consumed \(consumed) of \(length) bytes")
      evbuffer_drain(input, consumed)
      seen = length - consumed
    }
    // When it is resumed it is given again what it left.
    if !isListening { seen = 0 }
    if hasEnded, !hasToldEnd, isListening {
      hasToldEnd = true
      withBytes(input) { handler.ended($0) }
      discard()
    }
    settle()
    if unread >= core.configuration.inputBytes, isListening, !hasEnded { finish(.inputOverflow) }
  }

  /// Whether the handler wants to be given bytes.
  private var isListening: Bool { orders.withLock { !$0.isPaused && !$0.isClosing } }

  private func withBytes<Result>(_ input: OpaquePointer, _ body: (Span<UInt8>) -> Result) -> Result {
    let start = evbuffer_pullup(input, -1)
    return body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : evbuffer_get_length(input)).span)
  }

  /// Tells the budget how many bytes are held, and reads on or not.
  func settle() {
    guard phase == .open, let events, let input = bufferevent_get_input(events) else { return }
    let length = evbuffer_get_length(input)
    let old = unread
    unread = length
    share = core.budget.settle(self, from: old, to: length, isWaitingForMore: isListening && !hasEnded)
    if share != .turn {
      deadlines.turnAt = nil
    } else if deadlines.turnAt == nil {
      deadlines.turnAt = MonotonicTime.now
    }
    updateReading()
  }

  private func updateReading(isFirst: Bool = false) {
    guard let events else { return }
    let mustRead: Bool
    switch phase {
    case .handshaking, .closed: mustRead = false
    case .open: mustRead = !hasEnded && share != .wait && isListening
    case .flushing, .lingering: mustRead = !hasEnded
    }
    if mustRead != isReading {
      isReading = mustRead
      _ = mustRead ? bufferevent_enable(events, Int16(EV_READ)) : bufferevent_disable(events, Int16(EV_READ))
      // The time that it was not read from is not the client's fault.
      if mustRead, !isFirst { deadlines.inputAt = MonotonicTime.now }
    }
    // After the client's farewell, silence is the handler's: it has the say how long.
    deadlines.isReading = mustRead && phase == .open
    arm()
  }

  // MARK: Ending

  /// Sends what waits, then tells the client and the handler.
  private func flush() {
    guard phase == .open, let events else {
      if phase == .handshaking { finish(.finished) }
      return
    }
    phase = .flushing
    release()
    discard()
    updateReading()
    if evbuffer_get_length(bufferevent_get_output(events)) == 0 { linger() }
  }

  /// Everything was sent: tells the client so.
  private func linger() {
    tellHandler(.finished)
    if let tls { barito_tls_farewell(tls) }
    if hasEnded { return free() }
    phase = .lingering
    _ = shutdown(descriptor, CInt(SHUT_WR))
    lingerUntil = MonotonicTime.now + StreamConnection.lingerTime
    updateReading()
  }

  /// Ends at once.
  func finish(_ reason: StreamCloseReason) {
    guard phase != .closed else { return }
    if phase == .handshaking, reason != .serverStopped { core.failedHandshakes.add(1, ordering: .relaxed) }
    if let tls, reason != .clientLost, reason != .tlsFailed { barito_tls_farewell(tls) }
    phase = .closed
    release()
    tellHandler(reason)
    free()
  }

  private func tellHandler(_ reason: StreamCloseReason) {
    orders.withLock { orders in
      orders.isClosing = true
      orders.output = []
    }
    for delay in delays.values { delay.cancel() }
    delays = [:]
    guard let handler else { return }
    if reason != .finished {
      core.logger.debug("cut a connection", ["stream.peer": peer, "stream.reason": reason.rawValue])
    }
    // Before the call, so that nothing reaches it afterwards.
    self.handler = nil
    handler.closed(reason)
  }

  /// Gives the budget back what was held.
  private func release() {
    _ = core.budget.settle(self, from: unread, to: 0, isWaitingForMore: false)
    unread = 0
    share = .free
    deadlines.turnAt = nil
  }

  private func discard() {
    guard let events, let input = bufferevent_get_input(events) else { return }
    evbuffer_drain(input, evbuffer_get_length(input))
  }

  private func free() {
    guard let events else { return }
    phase = .closed
    if let timer { event_free(timer) }
    timer = nil
    let context = Unmanaged.passUnretained(self)
    evbuffer_remove_cb(bufferevent_get_output(events), onOutput, context.toOpaque())
    // Closes the descriptor and frees what belongs to TLS.
    bufferevent_free(events)
    self.events = nil
    tls = nil
    loop.remove(self)
    core.open.subtract(1, ordering: .relaxed)
    context.release()
  }

  // MARK: Time

  /// Sees to it that the timer fires by the next deadline. Deadlines move back with every byte: it then fires in vain.
  private func arm() {
    guard let timer, phase != .closed else { return }
    let now = MonotonicTime.now
    let next = min(deadlines.next(after: now), lingerUntil ?? .max)
    guard next < timerAt else { return }
    timerAt = next
    _ = barito_event_in(timer, max(0, next - now))
  }

  fileprivate func timerFired() {
    timerAt = .max
    let now = MonotonicTime.now
    if let lingerUntil, lingerUntil <= now { return finish(.finished) }
    if let reason = deadlines.missed(at: now) {
      guard phase == .open, reason == .inputShortage else {
        return finish(phase == .handshaking ? .handshakeTimeout : reason)
      }
      // There may be room by now.
      settle()
      if share == .turn { return finish(reason) }
    }
    if !isReading, phase != .handshaking, barito_is_dead(descriptor) != 0 { return finish(.clientLost) }
    arm()
  }

  func delay(_ nanoseconds: Int64, _ work: @escaping () -> Void) {
    guard phase == .open else { return }
    let delay = StreamDelay(self, work)
    if delay.start(after: nanoseconds) { delays[ObjectIdentifier(delay)] = delay }
  }

  // MARK: Callbacks

  fileprivate func readable() {
    deadlines.hasBegun = true
    deadlines.inputAt = MonotonicTime.now
    switch phase {
    case .open: deliver()
    case .flushing, .lingering: discard()
    case .handshaking, .closed: break
    }
  }

  fileprivate func written() {
    guard let events, evbuffer_get_length(bufferevent_get_output(events)) == 0 else { return }
    if phase == .flushing { linger() }
  }

  fileprivate func taken(_ count: Int) {
    let left = outputLength.subtract(count, ordering: .relaxed).newValue
    deadlines.isWriting = left > 0
    deadlines.outputAt = MonotonicTime.now
  }

  fileprivate func happened(_ what: Int16) {
    guard let events, phase != .closed else { return }
    if what & Int16(BEV_EVENT_CONNECTED) != 0 {
      if phase == .handshaking { begin() }
      return
    }
    if what & Int16(BEV_EVENT_EOF) != 0, phase != .handshaking {
      hasEnded = true
      if phase == .lingering { return free() }
      updateReading()
      // The farewell of one side stops libevent's TLS both ways.
      _ = bufferevent_disable(events, Int16(EV_WRITE))
      _ = bufferevent_enable(events, Int16(EV_WRITE))
      return deliver()
    }
    let code = tls == nil ? 0 : bufferevent_get_openssl_error(events)
    if code != 0 {
      core.logger.debug(
        "TLS failed", ["stream.peer": peer, "stream.error": TLSContext.text(UInt(code))])
    }
    finish(code != 0 ? .tlsFailed : .clientLost)
  }
}

private func connection(_ context: UnsafeMutableRawPointer?) -> StreamConnection? {
  // Retained for the call, in which it may be freed.
  context.map { Unmanaged<StreamConnection>.fromOpaque($0).takeUnretainedValue() }
}

private func onReadable(_ events: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
  connection(context)?.readable()
}

private func onWritten(_ events: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
  connection(context)?.written()
}

private func onEvent(_ events: OpaquePointer?, _ what: Int16, _ context: UnsafeMutableRawPointer?) {
  connection(context)?.happened(what)
}

private func onTimer(_ descriptor: CInt, _ what: Int16, _ context: UnsafeMutableRawPointer?) {
  connection(context)?.timerFired()
}

private func onOutput(
  _ buffer: OpaquePointer?, _ info: UnsafePointer<evbuffer_cb_info>?, _ context: UnsafeMutableRawPointer?
) {
  guard let count = info?.pointee.n_deleted, count > 0 else { return }
  connection(context)?.taken(count)
}

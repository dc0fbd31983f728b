internal import CEvent
internal import Glibc
internal import Logging

/// Accepts connections on the first loop's thread.
///
/// `@unchecked`: made before the thread runs, and touched there alone from then on.
final class StreamListener: @unchecked Sendable {
  /// How long accepting rests when descriptors are short.
  private static let rest: Int64 = 100_000_000

  private let core: StreamCore
  private let loop: StreamLoop
  private var handle: OpaquePointer?
  private var restTimer: OpaquePointer?
  private var isResting = false

  /// Takes the descriptor.
  /// - Throws: `StreamError.cannotStart`.
  init(_ core: StreamCore, _ descriptor: CInt) throws(StreamError) {
    self.core = core
    loop = core.loops[0]
    let context = Unmanaged.passUnretained(self).toOpaque()
    handle = barito_event_listener(loop.base, onAccept, context, descriptor)
    restTimer = loop.makeTimer(context, onRested)
    guard let handle, restTimer != nil else {
      if handle == nil { close(descriptor) }
      discard()
      throw StreamLoop.shortage
    }
    evconnlistener_set_error_cb(handle, onAcceptError)
  }

  /// Closes the listening socket, and calls then.
  func stop(_ done: @escaping @Sendable () -> Void) {
    loop.perform {
      self.discard()
      done()
    }
  }

  /// Closes the listening socket. On the loop's thread, or when that does not run.
  func discard() {
    if let handle { evconnlistener_free(handle) }
    if let restTimer { event_free(restTimer) }
    handle = nil
    restTimer = nil
  }

  fileprivate func accepted(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>) {
    if isResting {
      core.logger.info("accepting connections again")
      isResting = false
    }
    core.adopt(descriptor, peer: ListenSocket.parts(of: address))
  }

  fileprivate func failed() {
    // Told when it starts, not each time.
    if !isResting { core.logger.info("cannot accept connections: descriptors or memory are short") }
    isResting = true
    guard let handle, let restTimer else { return }
    evconnlistener_disable(handle)
    _ = barito_event_in(restTimer, StreamListener.rest)
  }

  fileprivate func rested() {
    if let handle { evconnlistener_enable(handle) }
  }
}

private func listener(_ context: UnsafeMutableRawPointer?) -> StreamListener? {
  context.map { Unmanaged<StreamListener>.fromOpaque($0).takeUnretainedValue() }
}

private func onAccept(
  _ handle: OpaquePointer?, _ descriptor: CInt, _ address: UnsafeMutablePointer<sockaddr>?, _ size: CInt,
  _ context: UnsafeMutableRawPointer?
) {
  guard let listener = listener(context), let address else {
    close(descriptor)
    return
  }
  listener.accepted(descriptor, address)
}

private func onAcceptError(_ handle: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
  listener(context)?.failed()
}

private func onRested(_ descriptor: CInt, _ what: Int16, _ context: UnsafeMutableRawPointer?) {
  listener(context)?.rested()
}

internal import CEvent
internal import Glibc
internal import Synchronization

/// One thread with libevent's loop, and the connections that live on it.
///
/// `@unchecked`: the base's events are touched on its thread only. Other threads leave a job and call `event_active`,
/// which libevent allows once `evthread_use_pthreads` was called; the lock keeps it from an event that is freed.
final class StreamLoop: @unchecked Sendable {
  private struct Inbox {
    var jobs: [@Sendable () -> Void] = []
    var isEnded = false
  }

  /// Once for the process, before the first base is made.
  private static let prepared: Bool = {
    event_set_log_callback(ignoreLog)
    return evthread_use_pthreads() == 0
  }()

  let base: OpaquePointer
  private let wakeEvent: OpaquePointer
  private let inbox = Mutex(Inbox())
  private let threadID = Atomic<UInt>(0)
  private let thread = Mutex<pthread_t?>(nil)

  // The loop's thread only.
  private(set) var connections: [UInt64: StreamConnection] = [:]

  /// - Throws: `StreamError.cannotStart`.
  init() throws(StreamError) {
    guard StreamLoop.prepared, let base = event_base_new() else { throw StreamLoop.shortage }
    // The context is set by `start`: nothing is complete here yet.
    let box = UnsafeMutablePointer<Unmanaged<StreamLoop>?>.allocate(capacity: 1)
    box.initialize(to: nil)
    guard let wakeEvent = event_new(base, -1, Int16(EV_PERSIST), onWake, box) else {
      box.deallocate()
      event_base_free(base)
      throw StreamLoop.shortage
    }
    self.base = base
    self.wakeEvent = wakeEvent
    self.box = box
    box.pointee = Unmanaged.passUnretained(self)
  }

  private let box: UnsafeMutablePointer<Unmanaged<StreamLoop>?>

  deinit {
    event_free(wakeEvent)
    event_base_free(base)
    box.deallocate()
  }

  static var shortage: StreamError {
    StreamError(
      code: .cannotStart,
      detail: "cannot start the stream server: threads, memory or descriptors are short; raise the limit that is met",
      disposition: .fatal)
  }

  // MARK: Any thread

  /// Starts the thread, which keeps the loop alive until `stop()`.
  /// - Throws: `StreamError.cannotStart`.
  func start() throws(StreamError) {
    var id = pthread_t()
    let context = Unmanaged.passRetained(self)
    guard pthread_create(&id, nil, runLoop, context.toOpaque()) == 0 else {
      context.release()
      throw StreamLoop.shortage
    }
    thread.withLock { $0 = id }
  }

  /// Does the job on the loop's thread after those before it; never after `stop()`.
  func perform(_ job: @escaping @Sendable () -> Void) {
    inbox.withLock { inbox in
      guard !inbox.isEnded else { return }
      inbox.jobs.append(job)
      // It only marks the event and writes to a descriptor; it never calls back.
      if inbox.jobs.count == 1 { event_active(wakeEvent, EV_READ, 0) }
    }
  }

  var isCurrent: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Does the jobs that were given, ends the thread and waits for it.
  func stop() {
    guard let id = thread.withLock({ $0.take() }) else { return }
    perform { self.end() }
    pthread_join(id, nil)
  }

  // MARK: The loop's thread

  fileprivate func run() {
    // A write to a connection that was reset must fail, not end the process. Only this thread's mask is changed.
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    threadID.store(UInt(pthread_self()), ordering: .relaxed)
    _ = barito_event_loop(base)
    barito_event_finish(base)
  }

  private func end() {
    inbox.withLock { $0.isEnded = true }
    event_base_loopbreak(base)
  }

  fileprivate func work() {
    let jobs = inbox.withLock { inbox in
      defer { inbox.jobs = [] }
      return inbox.jobs
    }
    for job in jobs { job() }
  }

  func add(_ connection: StreamConnection) { connections[connection.id] = connection }

  func remove(_ connection: StreamConnection) { connections[connection.id] = nil }

  /// Calls once on this thread after the time, unless the timer is freed before.
  func makeTimer(_ context: UnsafeMutableRawPointer, _ callback: @escaping event_callback_fn) -> OpaquePointer? {
    event_new(base, -1, 0, callback, context)
  }
}

private func onWake(_ descriptor: CInt, _ what: Int16, _ context: UnsafeMutableRawPointer?) {
  let box = context?.assumingMemoryBound(to: Unmanaged<StreamLoop>?.self)
  box?.pointee?.takeUnretainedValue().work()
}

private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<StreamLoop>.fromOpaque(context).takeRetainedValue().run()
  return nil
}

/// libevent would write to standard error, where log lines are; what fails it also returns.
private func ignoreLog(_ severity: CInt, _ message: UnsafePointer<CChar>?) {}

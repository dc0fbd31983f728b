import Dispatch
import Glibc
import Synchronization

/// Listens for signals that ask the process to end: the first begins the end, a second one ends it at once.
public final class ShutdownSignals: Sendable {
  private let sources: Mutex<[any DispatchSourceSignal]>

  /// - Parameters:
  ///   - signals: nil for SIGTERM and SIGINT.
  ///   - onFirst: called once, on a thread of its own.
  ///   - onSecond: called for each further signal with its number; ends the process with 128 + the number.
  public init(
    _ signals: [Int32]? = nil, onFirst: @escaping @Sendable () -> Void,
    onSecond: @escaping @Sendable (Int32) -> Void = { exitNow(128 + $0) }
  ) {
    // Its own thread: it must answer while everything else is stuck.
    let queue = DispatchQueue(label: "lifecycle.signals")
    let count = CallCount()
    var sources: [any DispatchSourceSignal] = []
    for signal in signals ?? [SIGTERM, SIGINT] {
      let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
      source.setEventHandler(handler: handler(count, signal, onFirst, onSecond))
      source.activate()
      sources.append(source)
    }
    self.sources = Mutex(sources)
  }

  /// Stops listening.
  public func cancel() { sources.withLock { for source in $0 { source.cancel() } } }
}

private final class CallCount: Sendable {
  let value = Atomic(0)
}

/// Made outside of any isolation, because Dispatch calls it on its own thread.
private func handler(
  _ count: CallCount, _ signal: Int32, _ onFirst: @escaping @Sendable () -> Void,
  _ onSecond: @escaping @Sendable (Int32) -> Void
) -> @Sendable () -> Void {
  { count.value.wrappingAdd(1, ordering: .relaxed).newValue == 1 ? onFirst() : onSecond(signal) }
}

/// Makes writes to a closed socket or pipe an error instead of the end of the process. For servers; a command whose
/// output may go to `head` leaves it as it is.
public func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

/// Ends the process without running anything more.
public func exitNow(_ status: Int32) { _exit(status) }

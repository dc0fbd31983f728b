import Glibc
import Synchronization

/// Whether somebody wants the benchmark to end before its time. What waits asks here and throws, so that everything
/// that was started is stopped in order.
enum Interruption {
  fileprivate static let hasCome = Atomic(false)

  /// Takes Ctrl-C and SIGTERM over for this process.
  static func install() {
    _ = hasCome.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, onSignal) }
    signal(SIGPIPE, SIG_IGN)
  }

  static func check() throws {
    if hasCome.load(ordering: .relaxed) { throw BenchError("interrupted") }
  }

  /// Sleeps, in steps that notice an interruption.
  static func sleep(_ duration: Duration) throws {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end {
      try check()
      usleep(20_000)
    }
  }
}

private func onSignal(_ number: CInt) { Interruption.hasCome.store(true, ordering: .relaxed) }

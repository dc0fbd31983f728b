import CLibpq

/// Ends a wait in `poll(2)` from another thread.
///
/// Sendable because it holds one descriptor that lives as long as it does, and the kernel orders reads and writes.
final class Waker: Sendable {
  let descriptor: Int32

  init() throws(PostgresError) {
    descriptor = barito_eventfd()
    guard descriptor >= 0 else {
      throw PostgresError(.unavailable, "cannot make an eventfd: this process has too many open files")
    }
  }

  deinit { close(descriptor) }

  func wake() { barito_eventfd_signal(descriptor) }

  func clear() { barito_eventfd_clear(descriptor) }
}

import CRdkafka
import Glibc

/// Waits until a consumer's queue has something, by a clock that does not jump.
///
/// librdkafka's own waits end at a time of the wall clock (until 2.4, at least): when that is set back by an hour they
/// last an hour longer, and so do the heartbeats of its main thread, unless somebody wakes them.
final class RecordBell: @unchecked Sendable {
  private let client: OpaquePointer
  private let queue: OpaquePointer?
  /// A pipe that rings: where it is read, and where it is written.
  private let ends: (read: CInt, write: CInt)
  private var nextNudge = ContinuousClock.now

  /// Between two nudges of librdkafka's main thread; a member that is not heard of for a session time-out is put out of
  /// its group.
  private static let nudges: Duration = .seconds(1)

  /// - Parameter client: a consumer, which is freed after `silence`.
  init(_ client: ClientPointer) {
    self.client = client.raw
    queue = rd_kafka_queue_get_consumer(client.raw)
    var pair: [CInt] = [-1, -1]
    // Where there is none, waits go on to their end.
    if pipe(&pair) == 0 {
      for descriptor in pair {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      }
    }
    ends = (pair[0], pair[1])
    guard let queue, ends.write >= 0 else { return }
    rd_kafka_queue_io_event_enable(queue, ends.write, [1] as [UInt8], 1)
  }

  deinit {
    for descriptor in [ends.read, ends.write] where descriptor >= 0 { close(descriptor) }
  }

  /// Waits until something was put into an empty queue, or somebody rang. Look into the queue before: what is in it already
  /// does not ring.
  func wait(milliseconds: Int32) {
    nudge()
    var state = pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)
    guard poll(&state, 1, milliseconds) > 0 else { return }
    var rings = [UInt8](repeating: 0, count: 64)
    _ = read(ends.read, &rings, rings.count)
  }

  /// Ends a wait.
  func ring() {
    _ = write(ends.write, [1] as [UInt8], 1)
  }

  /// Has librdkafka's main thread look at what is due: any question to it wakes it.
  func nudge() {
    let now = ContinuousClock.now
    guard now >= nextNudge else { return }
    nextNudge = now + RecordBell.nudges
    rd_kafka_mem_free(client, rd_kafka_memberid(client))
  }

  /// Before the client is freed.
  func silence() {
    guard let queue else { return }
    rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
    rd_kafka_queue_destroy(queue)
  }
}

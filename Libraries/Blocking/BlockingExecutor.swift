import Dispatch

/// A serial executor on a thread of its own, for actors that call blocking C functions.
///
/// A serial `DispatchQueue` gets its own thread on Linux; concurrent and global queues share theirs with Swift
/// concurrency and stall it. An actor adopts one by returning it from `unownedExecutor`.
public final class BlockingExecutor: SerialExecutor {
  private let queue: DispatchQueue

  /// - Parameter label: shows in debuggers and crash logs, such as `kafka.consumer`.
  public init(label: String) { queue = DispatchQueue(label: label) }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}

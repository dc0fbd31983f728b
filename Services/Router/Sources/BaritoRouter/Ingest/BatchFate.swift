import Synchronization

/// Whether the sender of a batch was told what became of it: once, by whoever knows first.
final class BatchFate: Sendable {
  private let isTold = Atomic(false)

  /// - Returns: whether the caller is to tell the sender.
  func tell() -> Bool { !isTold.exchange(true, ordering: .acquiringAndReleasing) }
}

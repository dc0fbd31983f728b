import Synchronization

/// Whether this Flow does what only one of its group should do. The group elects by itself: one partition of one topic
/// that all of them read belongs to exactly one.
final class Election: Sendable {
  private let flag = Atomic(false)

  var isElected: Bool {
    get { flag.load(ordering: .relaxed) }
    set { flag.store(newValue, ordering: .relaxed) }
  }
}

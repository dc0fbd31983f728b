import Synchronization

/// The topics that Flow's workers read, as the watcher knows them now.
final class TopicList: Sendable {
  typealias Version = Int

  private struct State {
    var version: Version = 0
    var topics: Set<String> = []
  }

  private let state = Mutex(State())

  /// - Parameter always: read from the beginning, so that the group is there before its first app is.
  init(always: [String]) { state.withLock { $0.topics = Set(always) } }

  /// The topics in order, and a number that changes when they do.
  var current: (version: Version, topics: [String]) {
    state.withLock { ($0.version, $0.topics.sorted()) }
  }

  /// - Returns: those that are new.
  @discardableResult
  func add(_ topics: some Sequence<String>) -> [String] {
    state.withLock { state in
      let new = topics.filter { !state.topics.contains($0) }
      guard !new.isEmpty else { return [] }
      state.topics.formUnion(new)
      state.version += 1
      return new
    }
  }
}

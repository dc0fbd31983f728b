import BaritoCore
import Synchronization

/// The topics that Flow's workers read, as the watcher knows them now.
final class TopicList: Sendable {
  typealias Version = Int

  private struct State {
    var version: Version = 0
    var topics: Set<String> = []
    /// Not in the last listing: gone, or too new for the broker that was asked.
    var doubted: Set<String> = []
  }

  private let always: Set<String>
  private let naming: TopicNaming
  private let state: Mutex<State>

  /// - Parameter always: read from the beginning, so that the group is there before its first app is.
  init(always: [String], naming: TopicNaming) {
    self.always = Set(always)
    self.naming = naming
    state = Mutex(State(topics: Set(always)))
  }

  /// Changes when the topics do.
  var version: Version { state.withLock { $0.version } }

  /// The topics in order, and a number that changes when they do.
  var current: (version: Version, topics: [String]) {
    state.withLock { ($0.version, $0.topics.sorted()) }
  }

  /// Adds topics that an event told of, where they hold an app's lines.
  /// - Returns: those that are new.
  @discardableResult
  func add(_ topics: some Sequence<String>) -> [String] {
    let wanted = topics.filter { naming.documentPrefix(ofTopic: $0) != nil }
    return state.withLock { state in
      state.doubted.subtract(wanted)
      let new = Set(wanted).subtracting(state.topics)
      guard !new.isEmpty else { return [] }
      state.topics.formUnion(new)
      state.version += 1
      return new.sorted()
    }
  }

  /// Takes over a listing of all topics. What two listings in a row do not have is gone and not read any more.
  /// - Returns: those that are new, and those that are gone.
  func list(_ all: some Sequence<String>) -> (new: [String], gone: [String]) {
    let all = Set(all)
    let new = add(all)
    return state.withLock { state in
      let missing = state.topics.subtracting(all).subtracting(always)
      let gone = missing.intersection(state.doubted)
      state.doubted = missing.subtracting(gone)
      if !gone.isEmpty {
        state.topics.subtract(gone)
        state.version += 1
      }
      return (new, gone.sorted())
    }
  }
}

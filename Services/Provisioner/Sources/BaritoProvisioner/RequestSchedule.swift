import BaritoCore
import Kafka

/// Which request runs when: several clusters at once, one request at a time for each, in order. Pure.
///
/// A deletion makes every earlier request for its cluster void: so one that was read again after a crash does not raise
/// a cluster from the dead.
struct RequestSchedule: Sendable {
  struct Entry: Sendable, Equatable {
    /// Unique among all that this schedule has seen.
    var number: Int
    var queued: QueuedRequest

    var cluster: ClusterName { queued.request.clusterName }
  }

  /// What an arrival makes void.
  struct Superseded: Sendable, Equatable {
    /// Was waiting and is done with.
    var dropped: [Entry] = []
    /// Runs, and is to be stopped.
    var stopping: Entry?
  }

  private let maximumRunning: Int
  private let maximumWaiting: Int
  private var waiting: [Entry] = []
  private var runningByCluster: [ClusterName: Entry] = [:]
  private var voided: Set<Int> = []
  private var last = 0

  init(maximumRunning: Int, maximumWaiting: Int = 64) {
    self.maximumRunning = maximumRunning
    self.maximumWaiting = maximumWaiting
  }

  /// How many more it takes.
  var room: Int { max(0, maximumWaiting - waiting.count) }
  var runningCount: Int { runningByCluster.count }

  mutating func add(_ queued: QueuedRequest) -> Superseded {
    last += 1
    let entry = Entry(number: last, queued: queued)
    var superseded = Superseded()
    if queued.request.kind == .delete {
      superseded.dropped = waiting.filter { $0.cluster == entry.cluster && $0.queued.request.kind == .create }
      waiting.removeAll { superseded.dropped.contains($0) }
      if let running = runningByCluster[entry.cluster], running.queued.request.kind == .create {
        voided.insert(running.number)
        superseded.stopping = running
      }
    }
    waiting.append(entry)
    return superseded
  }

  /// Takes out what may start now.
  mutating func start() -> [Entry] {
    var starting: [Entry] = []
    var blocked = Set(runningByCluster.keys)
    for entry in waiting where runningByCluster.count < maximumRunning {
      // Whatever comes later for the same cluster waits for this one.
      guard blocked.insert(entry.cluster).inserted else { continue }
      runningByCluster[entry.cluster] = entry
      starting.append(entry)
    }
    waiting.removeAll { starting.contains($0) }
    return starting
  }

  /// A request does not run any more.
  /// - Returns: whether a later one had made it void.
  mutating func ended(_ entry: Entry) -> Bool {
    if runningByCluster[entry.cluster]?.number == entry.number { runningByCluster[entry.cluster] = nil }
    return voided.remove(entry.number) != nil
  }

  /// Somebody else does the requests of these partitions now.
  /// - Returns: what runs and is to be stopped.
  mutating func revoke(_ partitions: Set<TopicPartition>) -> [Entry] {
    waiting.removeAll { partitions.contains($0.queued.partition) }
    return runningByCluster.values.filter { partitions.contains($0.queued.partition) }
  }
}

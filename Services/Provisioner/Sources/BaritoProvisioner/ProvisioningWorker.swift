import BaritoCore
import BaritoService
import Kafka
import Lifecycle
import Logging
import Synchronization

/// Takes requests to their ends, several at once, and stores an offset only when all before it are done.
struct ProvisioningWorker: Service {
  let source: any RequestSource
  let runner: RequestRunner
  let concurrent: Int
  let metrics: ProvisionerMetrics
  let logger: Logger

  func run() async throws {
    var desk = Desk(RequestSchedule(maximumRunning: concurrent))
    let inbox = Inbox()
    do {
      try await withThrowingDiscardingTaskGroup { group in
        // Whatever ends the loop, nothing may go on without it.
        defer { desk.stopAll() }
        while !GracefulShutdown.current.isRequested, !group.isCancelled {
          take(try await source.next(maximum: desk.schedule.room), &desk)
          settle(inbox.take(), &desk)
          for entry in desk.schedule.start() {
            let stop = desk.stop(for: entry)
            logger.notice("a request begins", ProvisioningWorker.metadata(entry))
            group.addTask { inbox.put(entry, try await run(entry, stop)) }
          }
          metrics.running(desk.schedule.runningCount)
          try await store(&desk)
        }
      }
      settle(inbox.take(), &desk)
      try await store(&desk)
    } catch {
      await source.close()
      throw error
    }
    // Leaving the group commits what was stored.
    await source.close()
  }

  private func run(_ entry: RequestSchedule.Entry, _ stop: GracefulShutdown) async throws -> ProvisioningRun.Outcome? {
    let start = ContinuousClock.now
    let outcome = try await GracefulShutdown.$current.withValue(stop) { try await runner.run(entry.queued.request) }
    if let outcome { metrics.ended(entry.queued.request.kind, outcome, after: ContinuousClock.now - start) }
    return outcome
  }

  private func take(_ arrivals: Arrivals, _ desk: inout Desk) {
    let gone = desk.assignment.subtracting(arrivals.assignment)
    desk.assignment = arrivals.assignment
    if !gone.isEmpty {
      desk.tracker.revoked(gone)
      for entry in desk.schedule.revoke(gone) { desk.stops[entry.number]?.request() }
    }
    // Both kinds in the order of their offsets, as the tracker needs them.
    var unreadable = arrivals.unreadable[...]
    for queued in arrivals.requests {
      while let first = unreadable.first, first.partition != queued.partition || first.offset < queued.offset {
        skip(first, &desk)
        unreadable.removeFirst()
      }
      desk.tracker.began(queued.offset, in: queued.partition)
      let superseded = desk.schedule.add(queued)
      if let running = superseded.stopping { desk.stops[running.number]?.request() }
      for entry in superseded.dropped { discard(entry, &desk) }
    }
    for record in unreadable { skip(record, &desk) }
  }

  private func skip(_ record: Arrivals.Unreadable, _ desk: inout Desk) {
    metrics.unreadable()
    logger.error(
      "a record of provisioning requests is skipped",
      ["record": "\(record.partition)@\(record.offset)", "reason": record.reason])
    desk.tracker.began(record.offset, in: record.partition)
    desk.tracker.finished(record.offset, in: record.partition)
  }

  private func discard(_ entry: RequestSchedule.Entry, _ desk: inout Desk) {
    metrics.superseded(entry.queued.request.kind)
    logger.notice("a request is void: its cluster is deleted", ProvisioningWorker.metadata(entry))
    desk.tracker.finished(entry.queued.offset, in: entry.queued.partition)
  }

  private func settle(_ ended: [(RequestSchedule.Entry, ProvisioningRun.Outcome?)], _ desk: inout Desk) {
    for (entry, outcome) in ended {
      desk.stops[entry.number] = nil
      let isVoid = desk.schedule.ended(entry)
      if let outcome {
        var metadata = ProvisioningWorker.metadata(entry)
        metadata["outcome"] = outcome.rawValue
        logger.notice("a request ended", metadata)
        desk.tracker.finished(entry.queued.offset, in: entry.queued.partition)
      } else if isVoid {
        discard(entry, &desk)
      }
    }
    metrics.running(desk.schedule.runningCount)
  }

  private func store(_ desk: inout Desk) async throws {
    let offsets = desk.tracker.takeStorable()
    if !offsets.isEmpty { try await source.store(offsets) }
  }

  private static func metadata(_ entry: RequestSchedule.Entry) -> Logger.Metadata {
    let request = entry.queued.request
    return [
      "request.id": request.id, "request.kind": request.kind.rawValue, "cluster": request.clusterName.rawValue,
      "record": "\(entry.queued.partition)@\(entry.queued.offset)",
    ]
  }

  /// What the loop knows of the requests in hand.
  private struct Desk {
    var schedule: RequestSchedule
    var tracker = OffsetTracker()
    var assignment: Set<TopicPartition> = []
    var stops: [Int: GracefulShutdown] = [:]

    init(_ schedule: RequestSchedule) { self.schedule = schedule }

    mutating func stop(for entry: RequestSchedule.Entry) -> GracefulShutdown {
      let stop = GracefulShutdown()
      stops[entry.number] = stop
      return stop
    }

    func stopAll() { for stop in stops.values { stop.request() } }
  }

  /// Where requests that ended wait for the loop.
  private final class Inbox: Sendable {
    private let ended = Mutex<[(RequestSchedule.Entry, ProvisioningRun.Outcome?)]>([])

    func put(_ entry: RequestSchedule.Entry, _ outcome: ProvisioningRun.Outcome?) {
      ended.withLock { $0.append((entry, outcome)) }
    }

    func take() -> [(RequestSchedule.Entry, ProvisioningRun.Outcome?)] {
      ended.withLock { ended in
        defer { ended = [] }
        return ended
      }
    }
  }
}

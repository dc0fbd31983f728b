import BaritoService
import Curl
import Lifecycle
import Logging
import Synchronization

/// Sends bulk requests, and learns from their answers how many at once are good for Elasticsearch.
final class BulkSender: Sendable {
  private struct State {
    var limit: ConcurrencyLimit
    /// Requests that were answered item by item.
    var answered = 0
    var trouble = Trouble(
      began: "records wait: Elasticsearch does not take them", ended: "Elasticsearch takes records again")
  }

  private let firewall: MappingFirewall
  private let slow: Duration
  private let metrics: FlowMetrics
  private let clock: ServiceClock
  private let logger: Logger
  private let state: Mutex<State>

  /// How long a stop waits for the answer to a request that is on its way.
  static let lastAnswer: Duration = .seconds(10)

  /// - Parameters:
  ///   - concurrency: requests that may be under way at once, at most.
  ///   - slow: an answer that takes longer is a sign of overload.
  init(
    _ firewall: MappingFirewall, concurrency: Int, slow: Duration, metrics: FlowMetrics, clock: ServiceClock,
    logger: Logger
  ) {
    self.firewall = firewall
    self.slow = slow
    self.metrics = metrics
    self.clock = clock
    self.logger = logger
    let limit = ConcurrencyLimit(maximum: concurrency)
    metrics.concurrency(limit.current)
    state = Mutex(State(limit: limit))
  }

  /// How many requests were answered item by item: whether anybody is answered while one is not.
  var answered: Int { state.withLock { $0.answered } }

  /// How many batches may be under way now.
  var concurrency: Int { state.withLock { $0.limit.current } }

  /// - Returns: nil when the service stops and Elasticsearch has not answered for too long: then nobody knows what became
  ///   of the items, and they come again.
  func send(_ request: BulkRequest) async -> BulkAnswer? {
    let begin = clock.monotonicNanoseconds
    let attempt = await attempt(request)
    // What mending takes says nothing about the server.
    let now = attempt?.answered ?? clock.monotonicNanoseconds
    metrics.bulk(request, nanoseconds: now - begin)
    guard let answer = attempt?.answer else { return nil }
    let isSlow = Duration.nanoseconds(Int64(clamping: now - begin)) > slow
    let concurrency = state.withLock { state in
      if case .settled = answer { state.answered += 1 }
      // An answer that says nothing about the server's load says nothing about the limit either.
      if let isOverload = answer.isOverload(of: request) {
        state.limit.answered(isOverloaded: isOverload || isSlow, begin: begin, now: now)
      }
      return state.limit.current
    }
    metrics.concurrency(concurrency)
    return answer
  }

  /// Records wait because of this; logged when it begins and when the reason changes.
  func waits(_ reason: String) {
    metrics.retrying()
    let event = state.withLock { $0.trouble.began(reason) }
    event?.log(logger)
  }

  /// A request was settled.
  func goesOn() { state.withLock { $0.trouble.ended() }?.log(logger) }

  /// - Returns: the answer, what could be mended mended; and when the request itself was answered.
  private func attempt(_ request: BulkRequest) async -> (answer: BulkAnswer, answered: UInt64)? {
    await withTaskGroup(of: (answer: BulkAnswer, answered: UInt64)?.self) { [firewall, clock] tasks in
      tasks.addTask {
        let answer = await firewall.send(request)
        let answered = clock.monotonicNanoseconds
        return (await firewall.mend(answer, to: request), answered)
      }
      tasks.addTask {
        await GracefulShutdown.current.wait()
        try? await Task.sleep(for: BulkSender.lastAnswer)
        return nil
      }
      defer { tasks.cancelAll() }
      return await tasks.next() ?? nil
    }
  }
}

extension BulkAnswer {
  /// Whether it says that the server has more to do than it can, or is not there; nil where it says nothing of that.
  fileprivate func isOverload(of request: BulkRequest) -> Bool? {
    switch self {
    case .settled(let outcome, let response):
      outcome.retryReason != nil
        && response.items.contains { BulkOutcome.verdict(on: $0) == .retry && !$0.isUnanswered }
    case .unknown: true
    // One line alone that does not pass is more likely to be at fault itself.
    case .suspect(_, let isSilent): isSilent ? request.count > 1 : nil
    case .split: false
    }
  }
}

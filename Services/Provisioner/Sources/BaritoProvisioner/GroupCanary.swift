import BaritoCore
import BaritoService
import Curl
import Lifecycle
import Logging

/// The canary of one group: sends a line of its probe app again and again, and measures until it is searchable, as its
/// teams would find it: nothing is refreshed for it.
struct GroupCanary: Sendable {
  let cluster: ClusterName
  let endpoints: ClusterEndpoints
  let way: ProbeWay
  let metrics: CanaryMetrics
  let clock: ServiceClock
  let logger: Logger

  /// After so long with a secret that no Router knows it is asked for another.
  static let secretPatience: UInt64 = 25_000_000_000

  /// Goes on until the task is cancelled or the service stops.
  func run(interval: Duration, deadline: Duration) async {
    metrics.begin(cluster)
    // All groups at the same moment would be a load of its own.
    let first = clock.monotonicNanoseconds + UInt64.random(in: 0..<UInt64(max(1, interval / .nanoseconds(1))))
    var account = CanaryAccount(interval: interval, deadline: deadline, start: first)
    var secret: (value: String, since: UInt64)?
    var prefix: String?
    while !Task.isCancelled, !GracefulShutdown.current.isRequested {
      switch account.step(at: clock.monotonicNanoseconds) {
      case .wait(let time):
        await sleepUntilGracefulShutdown(min(time, .seconds(5)))
      case .send:
        let line = ProbeLine.random(at: clock.wallMilliseconds)
        let sentAt = clock.monotonicNanoseconds
        let topic = await send(line, &secret)
        prefix = topic.flatMap { endpoints.naming.indexPrefix(ofTopic: $0) } ?? prefix
        metrics.sent(cluster, isTaken: topic != nil)
        account.sent(line, isTaken: topic != nil, at: sentAt)
      case .look(let lines):
        let counts = await look(for: lines, prefix ?? "")
        for finding in account.looked(for: lines, counts: counts, at: clock.monotonicNanoseconds) {
          metrics.found(finding, cluster)
          if finding == .missing || finding == .duplicate {
            logger.warning("a line of the canary is \(finding)", ["cluster": cluster.rawValue])
          }
        }
      }
    }
  }

  /// - Returns: the topic that has the line; nil where it was not taken.
  private func send(_ line: ProbeLine, _ secret: inout (value: String, since: UInt64)?) async -> String? {
    do throws(ProbeWay.Obstacle) {
      let now = clock.monotonicNanoseconds
      let known: (value: String, since: UInt64)
      if let secret { known = secret } else { known = (try await way.secret(cluster), now) }
      secret = known
      return try await way.send(line, known.value)
    } catch {
      if error.status == 401, let known = secret,
        clock.monotonicNanoseconds - known.since > GroupCanary.secretPatience
      {
        secret = nil
      }
      logger.debug("a line of the canary is not taken", ["cluster": cluster.rawValue, "reason": error.reason])
      return nil
    }
  }

  /// - Returns: how often each line was found; nil where there was no answer.
  private func look(for lines: [ProbeLine], _ prefix: String) async -> [String: Int]? {
    let indices = "\(endpoints.elasticsearchURL)/\(URLText.percentEncode(pathSegment: prefix.lowercased()))-*"
    var request = CurlRequest("POST", "\(indices)/_search", timeout: .seconds(5))
    request.setHeader("Content-Type", "application/json")
    do throws(ProbeWay.Obstacle) {
      let answer = try await way.perform(request, with: { try CanarySearch.query(lines) }, to: "Elasticsearch")
      return answer.isSuccess ? CanarySearch.counts(answer.body) : nil
    } catch { return nil }
  }
}

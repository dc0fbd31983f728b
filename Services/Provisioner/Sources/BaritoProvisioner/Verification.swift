import BaritoCore
import BaritoService
import Curl
import Lifecycle

/// Sends a line through the Router and looks for it in Elasticsearch: the way of every line.
///
/// The Router answers 401 and 503 until the feed has brought it the group, so every leg is tried again until the time is
/// over.
struct Verification: Prover {
  private let way: ProbeWay
  private let timeout: Duration
  private let clock: ServiceClock
  private let pause: Pause
  private let backoff: Backoff

  /// After so long with a secret that no Router knows it is asked for another: the first may have been revoked since.
  static let secretPatience: Duration = .seconds(30)

  /// - Parameters:
  ///   - routerURL: without a slash at its end.
  ///   - timeout: for the whole way.
  ///   - backoff: between tries.
  init(
    market: MarketClient, routerURL: String, clients: Int, timeout: Duration, clock: ServiceClock,
    backoff: Backoff = Backoff(base: .milliseconds(250), cap: .seconds(5)),
    pause: @escaping Pause = { await sleepUntilGracefulShutdown($0) }
  ) {
    way = ProbeWay(market: market, routerURL: routerURL, http: CurlPool(clients: clients))
    self.timeout = timeout
    self.clock = clock
    self.backoff = backoff
    self.pause = pause
  }

  private enum Leg {
    case secret
    case router(secret: String, since: UInt64)
    case elasticsearch(topic: String, sentAt: UInt64)
    case done(Duration)
  }

  func prove(_ cluster: ClusterName, _ endpoints: ClusterEndpoints) async -> Proof {
    let line = ProbeLine.random(at: clock.wallMilliseconds)
    let begin = clock.monotonicNanoseconds
    var leg = Leg.secret
    var attempt = 0
    while true {
      let reason: String
      do throws(ProbeWay.Obstacle) {
        leg = try await advance(leg, line, cluster, endpoints)
        if case .done(let delay) = leg { return .searchable(after: delay) }
        attempt = 0
        continue
      } catch {
        reason = error.reason
      }
      guard elapsed(since: begin) < timeout else { return .failed("\(reason) (tried for \(timeout))") }
      if case .router(_, let since) = leg, elapsed(since: since) > Verification.secretPatience { leg = .secret }
      guard await pause(backoff.ceiling(attempt) / 2 + backoff.delay(attempt) / 2) else { return .stopped }
      attempt += 1
    }
  }

  private func advance(
    _ leg: Leg, _ line: ProbeLine, _ cluster: ClusterName, _ endpoints: ClusterEndpoints
  ) async throws(ProbeWay.Obstacle) -> Leg {
    switch leg {
    case .secret:
      return .router(secret: try await way.secret(cluster), since: clock.monotonicNanoseconds)
    case .router(let secret, _):
      let sentAt = clock.monotonicNanoseconds
      return .elasticsearch(topic: try await way.send(line, secret), sentAt: sentAt)
    case .elasticsearch(let topic, let sentAt):
      try await find(line, topic, endpoints)
      return .done(elapsed(since: sentAt))
    case .done: return leg
    }
  }

  private func find(_ line: ProbeLine, _ topic: String, _ endpoints: ClusterEndpoints) async throws(ProbeWay.Obstacle) {
    guard let prefix = endpoints.naming.indexPrefix(ofTopic: topic) else {
      throw ProbeWay.Obstacle(reason: "The Router put the line into \(topic), which is no topic of this group")
    }
    let indices = "\(endpoints.elasticsearchURL)/\(URLText.percentEncode(pathSegment: prefix))-*"
    // Looking is cheap and waiting for the next refresh is not; a refusal does not matter.
    _ = try? await way.http.perform(CurlRequest("POST", "\(indices)/_refresh", body: [], timeout: .seconds(10)))
    var request = CurlRequest("POST", "\(indices)/_search", timeout: .seconds(10))
    request.setHeader("Content-Type", "application/json")
    let response = try await way.perform(request, with: { try line.query() }, to: "Elasticsearch")
    guard response.isSuccess else {
      throw ProbeWay.Obstacle(
        reason: "The line is in Kafka (topic \(topic)), but Elasticsearch answers \(response.status) to the search")
    }
    guard line.isFound(in: response.body) else {
      throw ProbeWay.Obstacle(
        reason: "The line is in Kafka (topic \(topic)) but not in Elasticsearch (\(prefix)-*): look at the group's Flow"
      )
    }
  }

  private func elapsed(since start: UInt64) -> Duration {
    .nanoseconds(Int64(clamping: clock.monotonicNanoseconds &- start))
  }
}

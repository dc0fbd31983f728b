import BaritoCore
import BaritoService
import Curl
import Lifecycle

/// Sends a line through the Router and looks for it in Elasticsearch: the way of every line.
///
/// The Router answers 401 and 503 until the feed has brought it the group, so every leg is tried again until the time is
/// over.
struct Verification: Prover {
  private let market: MarketClient
  private let routerURL: String
  private let http: CurlPool
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
    self.market = market
    self.routerURL = routerURL
    http = CurlPool(clients: clients)
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

  /// Why a leg has to be tried again.
  private struct Obstacle: Error { var reason: String }

  func prove(_ cluster: ClusterName, _ endpoints: ClusterEndpoints) async -> Proof {
    let line = ProbeLine.random(at: clock.wallMilliseconds)
    let begin = clock.monotonicNanoseconds
    var leg = Leg.secret
    var attempt = 0
    while true {
      let reason: String
      do throws(Obstacle) {
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
  ) async throws(Obstacle) -> Leg {
    switch leg {
    case .secret:
      return .router(secret: try await secret(cluster), since: clock.monotonicNanoseconds)
    case .router(let secret, _):
      let sentAt = clock.monotonicNanoseconds
      return .elasticsearch(topic: try await send(line, secret), sentAt: sentAt)
    case .elasticsearch(let topic, let sentAt):
      try await find(line, topic, endpoints)
      return .done(elapsed(since: sentAt))
    case .done: return leg
    }
  }

  private func secret(_ cluster: ClusterName) async throws(Obstacle) -> String {
    do {
      let probe = try await market.post(
        InternalAPI.probePath(cluster), [String: String](), as: InternalAPI.Probe.self)
      return probe.secret
    } catch {
      throw Obstacle(reason: "Market gives no secret for the probe: \(error)")
    }
  }

  private struct Answer: Decodable { var topic: String }
  private struct Problem: Decodable {
    var code: String?
    var detail: String?
  }

  /// - Returns: the topic that has the line.
  private func send(_ line: ProbeLine, _ secret: String) async throws(Obstacle) -> String {
    var request = CurlRequest("POST", routerURL + "/produce_batch", timeout: .seconds(15))
    request.setHeader("Content-Type", "application/json")
    request.setHeader("Accept", "application/json")
    request.setHeader("X-App-Secret", secret)
    request.setHeader("X-Barito-Batch-Id", line.batchID)
    request.setHeader("X-Barito-Batch-Time", Timestamp(milliseconds: line.at)?.description)
    let response = try await perform(request, with: { try line.body() }, to: "The Router")
    guard response.isSuccess else {
      let problem = try? WireJSON.decode(Problem.self, from: response.body)
      let code = problem?.code.map { " \($0)" } ?? ""
      throw Obstacle(
        reason: "The Router refuses the line: \(response.status)\(code)\(problem?.detail.map { ", \($0)" } ?? "")")
    }
    if let answer = try? WireJSON.decode(Answer.self, from: response.body) { return answer.topic }
    // The first Barito's Router answers the topic and a newline.
    return String(response.text.prefix { !$0.isNewline })
  }

  private func find(_ line: ProbeLine, _ topic: String, _ endpoints: ClusterEndpoints) async throws(Obstacle) {
    guard let prefix = endpoints.naming.indexPrefix(ofTopic: topic) else {
      throw Obstacle(reason: "The Router put the line into \(topic), which is no topic of this group")
    }
    let indices = "\(endpoints.elasticsearchURL)/\(URLText.percentEncode(pathSegment: prefix))-*"
    // Looking is cheap and waiting for the next refresh is not; a refusal does not matter.
    _ = try? await http.perform(CurlRequest("POST", "\(indices)/_refresh", body: [], timeout: .seconds(10)))
    var request = CurlRequest("POST", "\(indices)/_search", timeout: .seconds(10))
    request.setHeader("Content-Type", "application/json")
    let response = try await perform(request, with: { try line.query() }, to: "Elasticsearch")
    guard response.isSuccess else {
      throw Obstacle(
        reason: "The line is in Kafka (topic \(topic)), but Elasticsearch answers \(response.status) to the search")
    }
    guard line.isFound(in: response.body) else {
      throw Obstacle(
        reason: "The line is in Kafka (topic \(topic)) but not in Elasticsearch (\(prefix)-*): look at the group's Flow"
      )
    }
  }

  private func perform(
    _ request: CurlRequest, with body: () throws -> [UInt8], to whom: String
  ) async throws(Obstacle) -> CurlResponse {
    do {
      var request = request
      request.body = try body()
      return try await http.perform(request)
    } catch {
      throw Obstacle(reason: "\(whom) does not answer: \(error)")
    }
  }

  private func elapsed(since start: UInt64) -> Duration {
    .nanoseconds(Int64(clamping: clock.monotonicNanoseconds &- start))
  }
}

import BaritoCore
import BaritoService
import Curl

/// The first legs of a probe's way: a secret from Market, the line to the Router.
struct ProbeWay: Sendable {
  /// Why a leg has to be tried again.
  struct Obstacle: Error {
    var reason: String
    /// What the Router answered; nil where nobody did.
    var status: Int?
  }

  let market: MarketClient
  /// Without a slash at its end.
  let routerURL: String
  let http: CurlPool

  func secret(_ cluster: ClusterName) async throws(Obstacle) -> String {
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
  func send(_ line: ProbeLine, _ secret: String) async throws(Obstacle) -> String {
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
        reason: "The Router refuses the line: \(response.status)\(code)\(problem?.detail.map { ", \($0)" } ?? "")",
        status: response.status)
    }
    if let answer = try? WireJSON.decode(Answer.self, from: response.body) { return answer.topic }
    // The first Barito's Router answers the topic and a newline.
    return String(response.text.prefix { !$0.isNewline })
  }

  func perform(
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
}

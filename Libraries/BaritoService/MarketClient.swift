import BaritoCore
import Curl

/// Asks Market what only Market knows, with the platform's own token (`InternalAPI`).
public struct MarketClient: Sendable {
  /// Market answered, but not with what was asked for.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    public var status: Int
    /// `code` of Market's problem document; empty when there was none.
    public var code: String
    /// What Market says is wrong and how to mend it.
    public var detail: String

    public var description: String { "Market answered \(status): \(detail)" }
  }

  private struct Problem: Decodable {
    var code: String?
    var title: String?
    var detail: String?
  }

  private let url: String
  private let token: String
  private let pool: CurlPool

  /// - Parameters:
  ///   - url: without a slash at its end.
  ///   - token: the platform's service token.
  ///   - clients: how many requests may run at once; a long poll holds one all the time.
  public init(url: String, token: String, clients: Int = 4) {
    self.url = url
    self.token = token
    pool = CurlPool(clients: clients)
  }

  /// - Throws: `CurlError` when there was no answer, `Refusal` when it was not a 2xx.
  public func get<Answer: Decodable>(
    _ path: String, timeout: Duration = .seconds(10), as type: Answer.Type = Answer.self
  ) async throws -> Answer {
    try await send(CurlRequest("GET", url + path, timeout: timeout))
  }

  /// - Throws: as `get` does.
  public func post<Answer: Decodable>(
    _ path: String, _ body: some Encodable & Sendable, timeout: Duration = .seconds(10),
    as type: Answer.Type = Answer.self
  ) async throws -> Answer {
    let headers = [(name: "Content-Type", value: "application/json")]
    return try await send(
      CurlRequest("POST", url + path, headers: headers, body: try WireJSON.encode(body), timeout: timeout))
  }

  private func send<Answer: Decodable>(_ request: CurlRequest) async throws -> Answer {
    var request = request
    request.authorize(bearer: token)
    // A first page of profiles may be large.
    request.maxResponseBytes = 256 << 20
    let response = try await pool.perform(request)
    guard response.isSuccess else { throw MarketClient.refusal(response) }
    return try WireJSON.decode(Answer.self, from: response.body)
  }

  private static func refusal(_ response: CurlResponse) -> Refusal {
    let problem = try? WireJSON.decode(Problem.self, from: response.body)
    return Refusal(
      status: response.status, code: problem?.code ?? "",
      detail: problem?.detail ?? problem?.title ?? String(response.text.prefix(200)))
  }
}

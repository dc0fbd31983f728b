import BaritoCore
import Curl

/// The quarantine as it lies in Elasticsearch: finds entries, sends their documents, and removes or changes them.
struct QuarantineStore: Sendable {
  let elasticsearch: ElasticsearchClient
  let naming: TopicNaming
  /// How often something that passes (429, 503, no connection) is tried again, with longer and longer waits.
  var attempts = 6
  var backoff = Backoff(base: .milliseconds(500), cap: .seconds(10))

  /// The indices of this group's quarantine.
  private var indices: String { URLText.percentEncode(QuarantineEntry.indexPrefix + naming.prefix.lowercased()) + "*" }
  private static let lenient = "ignore_unavailable=true&allow_no_indices=true"

  func groups(
    _ filter: QuarantineFilter, limit: Int
  ) async throws(QuarantineError) -> (groups: [QuarantineGroup], others: Int) {
    let body = QuarantineSearch.groups(filter, limit: limit)
    let response = try await post("/\(indices)/_search?\(Self.lenient)", body)
    guard let found = QuarantineSearch.readGroups(response.body.span) else { throw notUnderstood(response) }
    return found
  }

  /// The next entries, at most so many; fewer where they are long.
  func page(
    _ filter: QuarantineFilter, after: [UInt8]?, size: Int
  ) async throws(QuarantineError) -> QuarantineSearch.Page {
    let body = QuarantineSearch.page(filter, after: after, size: size)
    do throws(QuarantineError) {
      let response = try await post("/\(indices)/_search?\(Self.lenient)", body)
      guard let page = QuarantineSearch.readPage(response.body.span, size: size) else { throw notUnderstood(response) }
      return page
    } catch {
      guard error.code == .tooLarge, size > 1 else { throw error }
      return try await page(filter, after: after, size: size / 2)
    }
  }

  /// Makes what was just written or removed visible to searches.
  func refresh() async throws(QuarantineError) { _ = try await post("/\(indices)/_refresh?\(Self.lenient)", []) }

  /// Sends documents.
  /// - Returns: one answer for each, in their order.
  func bulk(_ request: BulkRequest) async throws(QuarantineError) -> [BulkResponse.Item] {
    let response = try await post(ElasticsearchClient.bulkPath, request.bytes, type: "application/x-ndjson")
    guard let answer = BulkResponse(response.body.span, to: request) else { throw notUnderstood(response) }
    return answer.items
  }

  /// Changes entries. One that is not changed is found again by the next replay.
  func apply(_ changes: QuarantineChanges) async throws(QuarantineError) {
    _ = try await post(ElasticsearchClient.bulkPath, changes.bytes, type: "application/x-ndjson")
  }

  private func post(
    _ path: String, _ body: [UInt8], type: String = "application/json"
  ) async throws(QuarantineError) -> CurlResponse {
    var attempt = 0
    while true {
      let failure: QuarantineError
      do throws(CurlError) {
        let response = try await elasticsearch.post(path, body, type: type)
        guard let refusal = QuarantineStore.failure(response) else { return response }
        failure = refusal
      } catch {
        failure = QuarantineError(
          code: error.code == .tooLarge ? .tooLarge : error.disposition == .retry ? .unavailable : .refused,
          detail: error.detail)
      }
      attempt += 1
      if attempt >= attempts || failure.code != .unavailable { throw failure }
      try? await Task.sleep(for: backoff.delay(attempt - 1))
    }
  }

  private static func failure(_ response: CurlResponse) -> QuarantineError? {
    if response.isSuccess { return nil }
    let detail = "Elasticsearch answers \(response.status): \(response.text.prefix(500))"
    switch response.status {
    case 401, 403: return QuarantineError(code: .notAllowed, detail: detail)
    case 429, 500...599: return QuarantineError(code: .unavailable, detail: detail)
    default: return QuarantineError(code: .refused, detail: detail)
    }
  }

  private func notUnderstood(_ response: CurlResponse) -> QuarantineError {
    QuarantineError(code: .refused, detail: "the answer is not understood: \(response.text.prefix(300))")
  }
}

import Curl

/// Talks to the Elasticsearch or OpenSearch of a group.
struct ElasticsearchClient: Sendable {
  private let url: String
  private let authorization: String?
  private let pool: CurlPool
  private let timeout: Duration

  /// - Parameters:
  ///   - url: without a slash at its end.
  ///   - authorization: the value of the header, such as `Basic …` or `ApiKey …`; nil sends none.
  ///   - clients: how many requests may run at once.
  init(url: String, authorization: String?, clients: Int, timeout: Duration) {
    self.url = url
    self.authorization = authorization
    self.timeout = timeout
    pool = CurlPool(clients: clients)
  }

  /// Sends a bulk body. Of the answer only what decides is asked for.
  func bulk(_ bytes: [UInt8]) async throws(CurlError) -> CurlResponse {
    try await send("POST", ElasticsearchClient.bulkPath, "application/x-ndjson", bytes)
  }

  func get(_ path: String) async throws(CurlError) -> CurlResponse { try await send("GET", path, nil, nil) }

  func put(_ path: String, _ json: [UInt8]) async throws(CurlError) -> CurlResponse {
    try await send("PUT", path, "application/json", json)
  }

  func delete(_ path: String) async throws(CurlError) -> CurlResponse { try await send("DELETE", path, nil, nil) }

  func post(_ path: String, _ body: [UInt8], type: String) async throws(CurlError) -> CurlResponse {
    try await send("POST", path, type, body)
  }

  private func send(
    _ method: String, _ path: String, _ type: String?, _ body: [UInt8]?
  ) async throws(CurlError) -> CurlResponse {
    var request = CurlRequest(method, url + path, body: body, timeout: timeout)
    if let type { request.setHeader("Content-Type", type) }
    if let authorization { request.setHeader("Authorization", authorization) }
    request.maxResponseBytes = 128 << 20
    return try await pool.perform(request)
  }

  static let bulkPath =
    // An index that cannot be made, or whose shard is away, is waited for so long; its lane is parked then. Short,
    // because everybody else in the request waits too.
    "/_bulk?timeout=3s&filter_path=errors,items.*._id,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
}

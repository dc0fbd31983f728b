import BaritoCore
import Curl

/// Looks into a group's Elasticsearch for the newest line of an app: the proof that lines are searchable.
struct NewestLine: Sendable {
  private let clients: CurlPool
  private let timeout: Duration

  /// More of a line is not shown.
  static let longest = 2_000

  init(timeout: Duration) {
    clients = CurlPool(clients: 2, maximumWait: timeout)
    self.timeout = timeout
  }

  /// - Returns: the document as it is stored; nil when there is none, or Elasticsearch does not say.
  func find(indexPrefix: String, at elasticsearchURL: String) async -> String? {
    var base = elasticsearchURL[...]
    while base.last == "/" { base.removeLast() }
    let query = "ignore_unavailable=true&allow_no_indices=true&filter_path=hits.hits._source"
    let request = CurlRequest(
      "POST", "\(base)/\(MarketRoutes.segment(indexPrefix))-*/_search?\(query)",
      headers: [("Content-Type", "application/json")], body: Array(NewestLine.search.utf8), timeout: timeout)
    guard let response = try? await clients.perform(request), response.isSuccess else { return nil }
    return NewestLine.source(in: response.body)
  }

  private static let search = """
    {"size":1,"track_total_hits":false,"sort":[{"@timestamp":{"order":"desc","unmapped_type":"date"}}]}
    """

  /// The bytes of the first `_source`, as they are.
  static func source(in bytes: [UInt8]) -> String? {
    guard let range = try? sourceRange(in: bytes) else { return nil }
    let text = String(decoding: bytes[range], as: UTF8.self)
    return text.count > longest ? "\(text.prefix(longest))…" : text
  }

  private static func sourceRange(in bytes: [UInt8]) throws -> Range<Int>? {
    var scanner = JSONScanner()
    guard try find("hits", in: bytes, &scanner), try find("hits", in: bytes, &scanner) else { return nil }
    try scanner.openArray(in: bytes.span)
    guard try scanner.nextElement(in: bytes.span), try find("_source", in: bytes, &scanner) else { return nil }
    return try scanner.value(in: bytes.span).range
  }

  /// Opens the object that is next and goes to the value of a key.
  private static func find(_ key: String, in bytes: [UInt8], _ scanner: inout JSONScanner) throws -> Bool {
    try scanner.openObject(in: bytes.span)
    while let name = try scanner.nextKey(in: bytes.span) {
      if bytes[name.range].elementsEqual(key.utf8) { return true }
      _ = try scanner.value(in: bytes.span)
    }
    return false
  }
}

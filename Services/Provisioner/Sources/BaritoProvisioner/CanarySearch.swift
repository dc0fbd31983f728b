import BaritoCore

/// Looks for several lines at once.
struct CanarySearch {
  private struct Query: Encodable {
    var size: Int
    var query: [String: [String: String]]
  }

  private struct Found: Decodable {
    struct Hits: Decodable { var hits: [Hit] }
    struct Hit: Decodable {
      var source: Source?
      enum CodingKeys: String, CodingKey { case source = "_source" }
    }
    struct Source: Decodable {
      var probeID: String?
      enum CodingKeys: String, CodingKey { case probeID = "barito_probe_id" }
    }
    var hits: Hits
  }

  /// The body for `_search`: any of these words, with room for duplicates.
  static func query(_ lines: [ProbeLine]) throws -> [UInt8] {
    let words = lines.map(\.id).joined(separator: " ")
    return try WireJSON.encode(Query(size: 10 * lines.count, query: ["match": ["barito_probe_id": words]]))
  }

  /// How often each line is in an answer, by its id; nil where it is none.
  static func counts(_ answer: [UInt8]) -> [String: Int]? {
    guard let found = try? WireJSON.decode(Found.self, from: answer) else { return nil }
    return Dictionary(found.hits.hits.compactMap { $0.source?.probeID.map { ($0, 1) } }, uniquingKeysWith: +)
  }
}

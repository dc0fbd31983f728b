import BaritoCore

/// The line that proves a cluster, and how it is looked for.
struct ProbeLine: Sendable, Equatable {
  /// One word of hexadecimal digits, so that every analyser keeps it whole.
  var id: String
  /// Milliseconds since 1970.
  var at: Int64

  /// A line that nobody has sent before.
  static func random(at: Int64) -> ProbeLine {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return ProbeLine(id: "probe" + String(repeating: "0", count: 16 - digits.utf8.count) + digits, at: at)
  }

  /// Names the batch, so that sending it again makes no second document.
  var batchID: String { id }

  private struct Item: Encodable {
    var traceTime: Int64
    var probeID: String
    var message = "A line of Barito's own, to prove that this cluster works."

    enum CodingKeys: String, CodingKey {
      case traceTime = "barito_trace_time"
      case probeID = "barito_probe_id"
      case message
    }
  }

  private struct Batch: Encodable { var items: [Item] }

  /// The body for `/produce_batch`.
  func body() throws -> [UInt8] { try WireJSON.encode(Batch(items: [Item(traceTime: at, probeID: id)])) }

  private struct Query: Encodable {
    var size = 1
    var query: [String: [String: String]]
  }

  /// The body for `_search`.
  func query() throws -> [UInt8] { try WireJSON.encode(Query(query: ["match": ["barito_probe_id": id]])) }

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

  /// Whether an answer to the query holds this line.
  func isFound(in answer: [UInt8]) -> Bool {
    let found = try? WireJSON.decode(Found.self, from: answer)
    return found?.hits.hits.contains { $0.source?.probeID == id } ?? false
  }
}

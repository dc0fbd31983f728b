import Compression

/// Requests to the Router, whole and ready to be sent: the load generator shall spend its time on sending.
struct ProduceRequests {
  enum Format: String, Sendable, CaseIterable {
    case ndjson, items, gzip

    /// As the results call it.
    var title: String {
      switch self {
      case .ndjson: "NDJSON"
      case .items: "{\"items\"}"
      case .gzip: "NDJSON, gzip"
      }
    }
  }

  /// Head and body in one.
  let requests: [[UInt8]]
  let linesPerRequest: Int

  /// - Parameter count: how many different requests.
  init(_ format: Format, count: Int, linesPerRequest: Int, secret: String) {
    self.linesPerRequest = linesPerRequest
    requests = (0..<count).map { number in
      let lines = LogLines.make(linesPerRequest, seed: UInt64(number))
      return ProduceRequests.request(format, ProduceRequests.body(format, lines), secret)
    }
  }

  static func body(_ format: Format, _ lines: [[UInt8]]) -> [UInt8] {
    switch format {
    case .ndjson: Array(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    case .items: Array(#"{"items":["#.utf8) + Array(lines.joined(separator: [UInt8(ascii: ",")])) + Array("]}".utf8)
    case .gzip: Deflater.deflate(body(.ndjson, lines), as: .gzip)
    }
  }

  private static func request(_ format: Format, _ body: [UInt8], _ secret: String) -> [UInt8] {
    var head = "POST /produce_batch HTTP/1.1\r\nHost: 127.0.0.1\r\nX-App-Secret: \(secret)\r\n"
    head += "Content-Type: application/\(format == .items ? "json" : "x-ndjson")\r\n"
    if format == .gzip { head += "Content-Encoding: gzip\r\n" }
    return Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
  }
}

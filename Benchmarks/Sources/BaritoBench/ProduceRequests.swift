import Compression

/// Requests to the Router, whole and ready to be sent: the load generator shall spend its time on sending.
struct ProduceRequests {
  enum Format: String, Sendable, CaseIterable {
    case ndjson, items, gzip, bulk, otlp

    /// As the results call it.
    var title: String {
      switch self {
      case .ndjson: "NDJSON"
      case .items: "{\"items\"}"
      case .gzip: "NDJSON, gzip"
      case .bulk: "_bulk"
      case .otlp: "OTLP, protobuf"
      }
    }

    /// Request line and what says how the body is written.
    fileprivate var head: String {
      switch self {
      case .ndjson: "POST /produce_batch HTTP/1.1\r\nContent-Type: application/x-ndjson\r\n"
      case .items: "POST /produce_batch HTTP/1.1\r\nContent-Type: application/json\r\n"
      case .gzip:
        "POST /produce_batch HTTP/1.1\r\nContent-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\n"
      case .bulk: "POST /_bulk HTTP/1.1\r\nContent-Type: application/x-ndjson\r\n"
      case .otlp: "POST /v1/logs HTTP/1.1\r\nContent-Type: application/x-protobuf\r\n"
      }
    }
  }

  /// Whose lines they are.
  enum Sender {
    case app(secret: String)
    /// As many apps, each with the next request; `secret` makes the secret of each.
    case apps(Int, secret: (Int) -> String)
  }

  let format: Format
  /// Head and body in one.
  let requests: [[UInt8]]
  let linesPerRequest: Int

  /// - Parameter count: how many different bodies.
  init(_ format: Format, count: Int, linesPerRequest: Int, lineBytes: Int = LogLines.lineBytes, sender: Sender) {
    self.format = format
    self.linesPerRequest = linesPerRequest
    let bodies = (0..<count).map { number in
      ProduceRequests.body(format, LogLines.make(linesPerRequest, seed: UInt64(number), bytes: lineBytes))
    }
    switch sender {
    case .app(let secret): requests = bodies.map { ProduceRequests.request(format, $0, secret) }
    case .apps(let apps, let secret):
      requests = (0..<max(apps, count)).map { number in
        ProduceRequests.request(format, bodies[number % count], secret(number % apps))
      }
    }
  }

  static func body(_ format: Format, _ lines: [[UInt8]]) -> [UInt8] {
    let newline = [UInt8(ascii: "\n")]
    return switch format {
    case .ndjson: Array(lines.joined(separator: newline)) + newline
    case .items: Array(#"{"items":["#.utf8) + Array(lines.joined(separator: [UInt8(ascii: ",")])) + Array("]}".utf8)
    case .gzip: Deflater.deflate(body(.ndjson, lines), as: .gzip)
    case .bulk: Array(lines.map { Array(#"{"create":{}}"#.utf8) + newline + $0 + newline }.joined())
    case .otlp: OTLPRequest.body(lines)
    }
  }

  /// Whether the body of a 200 says that every line was taken.
  func accepts(_ answer: [UInt8]) -> Bool {
    switch format {
    case .ndjson, .items, .gzip: true
    // Not far behind its start; the rest is an item for each line.
    case .bulk: String(decoding: answer.prefix(64), as: UTF8.self).contains(#""errors":false"#)
    // A partial success has something to say.
    case .otlp: answer.isEmpty
    }
  }

  private static func request(_ format: Format, _ body: [UInt8], _ secret: String) -> [UInt8] {
    let head = "\(format.head)Host: 127.0.0.1\r\nX-App-Secret: \(secret)\r\nContent-Length: \(body.count)\r\n\r\n"
    return Array(head.utf8) + body
  }
}

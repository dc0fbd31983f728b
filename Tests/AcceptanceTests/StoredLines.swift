import BaritoCore
import Curl
import TestKit
import Testing

/// What Elasticsearch holds of a run, and whether it is exactly what was sent.
struct StoredLines: Sendable {
  let url: String
  let indexPrefix: String

  struct Document: Sendable {
    var id: String
    /// `_source`, byte for byte as the server gives it.
    var source: [UInt8]
  }

  /// The documents with numbers in this range, however many there are of each.
  func documents(_ numbers: Range<Int>) async throws -> [Document] {
    let query =
      #"{"size":9999,"query":{"range":{"n":{"gte":\#(numbers.lowerBound),"lt":\#(numbers.upperBound)}}}}"#
    var request = CurlRequest(
      "POST", "\(url)/\(indexPrefix)-*/_search", headers: [("Content-Type", "application/json")],
      body: Array(query.utf8))
    request.maxResponseBytes = 256 << 20
    let response = try await CurlClient().perform(request)
    guard response.status == 200 else { return [] }
    let body = response.body
    let root = try JSONScanner.validate(body.span)
    guard let hits = try JSONMembers.value(of: "hits", inObjectAt: root.range, of: body.span),
      let list = try JSONMembers.value(of: "hits", inObjectAt: hits.range, of: body.span)
    else { return [] }
    var found: [Document] = []
    var elements = JSONElements(of: list.range)
    while let hit = try elements.next(in: body.span) {
      let id = try JSONMembers.value(of: "_id", inObjectAt: hit.range, of: body.span)
      let source = try #require(try JSONMembers.value(of: "_source", inObjectAt: hit.range, of: body.span))
      found.append(Document(id: id?.string(in: body.span) ?? "", source: Array(body[source.range])))
    }
    return found
  }

  func count() async throws -> Int {
    _ = try await CurlClient().perform(CurlRequest("POST", "\(url)/\(indexPrefix)-*/_refresh"))
    let response = try await CurlClient().perform(CurlRequest("GET", "\(url)/\(indexPrefix)-*/_count"))
    guard response.status == 200 else { return 0 }
    struct Count: Decodable { var count: Int }
    return try WireJSON.decode(Count.self, from: response.body).count
  }

  /// Waits until all lines can be found, then checks that each is there exactly once with the bytes that were sent.
  /// - Parameter comparesBytes: the document as a whole, else the message in it: a stand-in may write JSON anew.
  func expect(_ lines: [LogLines.Line], comparesBytes: Bool) async throws {
    try await eventually(within: .seconds(240), "\(lines.count) documents are in \(indexPrefix)-*") {
      // Each look makes the server write its segments: a look a second leaves it time to index.
      try await Task.sleep(for: .seconds(1))
      return try await count() >= lines.count
    }
    var seen = 0
    for start in stride(from: 0, to: lines.count, by: 2_000) {
      let part = lines[start..<min(start + 2_000, lines.count)]
      var byNumber: [Int: [UInt8]] = [:]
      for document in try await documents(start..<start + part.count) {
        let number = try #require(try StoredLines.number(document.source.span))
        try #require(byNumber[number] == nil, "line \(number) is stored twice")
        byNumber[number] = document.source
        seen += 1
      }
      for line in part {
        let stored = try #require(byNumber[line.number], "line \(line.number) is missing")
        if comparesBytes {
          try #require(stored == line.timber, "line \(line.number) is not as it was sent")
        } else {
          let message = try JSONMembers.value(of: "@message", inObjectAt: 0..<stored.count, of: stored.span)
          let text = message?.string(in: stored.span)
          try #require(text.map { Array($0.utf8) } == line.message, "line \(line.number) has another message")
        }
      }
    }
    #expect(seen == lines.count)
    #expect(try await count() == lines.count)
  }

  static func number(_ document: Span<UInt8>) throws -> Int? {
    try JSONMembers.value(of: "n", inObjectAt: 0..<document.count, of: document)?.integer(in: document).map { Int($0) }
  }
}

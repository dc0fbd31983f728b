import BaritoCore
import Compression
import Curl

/// Sends lines as the first Barito's fluentd plugin does, `{"items":[…]}` with gzip, but repeats under the same name what
/// was not answered 2xx.
struct Shipper: Sendable {
  let url: String
  let secret: String
  var batchSize = 500
  /// Nil sends batches without a name, as the first plugin does.
  var batchPrefix: String?

  struct Refused: Error, CustomStringConvertible { let description: String }

  /// Sends all lines with so many senders at once; returns when every batch was answered 2xx.
  func ship(_ lines: [LogLines.Line], senders: Int = 4) async throws {
    let batches = stride(from: 0, to: lines.count, by: batchSize).map { start in
      (number: start / batchSize, lines: lines[start..<min(start + batchSize, lines.count)])
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for sender in 0..<senders {
        group.addTask {
          let client = CurlClient()
          for batch in batches where batch.number % senders == sender {
            try await send(batch.lines, number: batch.number, with: client)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private func send(_ lines: ArraySlice<LogLines.Line>, number: Int, with client: CurlClient) async throws {
    var json = JSONWriter()
    json.object { json in
      json.array("items") { json in
        for line in lines { json.value(json: line.timber.span) }
      }
    }
    var request = CurlRequest(
      "POST", url,
      headers: [("X-App-Secret", secret), ("Content-Type", "application/json"), ("Content-Encoding", "gzip")],
      body: Deflater.deflate(json.bytes, as: .gzip), timeout: .seconds(30))
    if let batchPrefix {
      request.setHeader("X-Barito-Batch-Id", "\(batchPrefix)-\(number)")
      request.setHeader("X-Barito-Batch-Time", "2026-11-22T10:15:30.000Z")
    }
    let deadline = ContinuousClock.now + .seconds(120)
    while true {
      let answer = try? await client.perform(request)
      if let answer, answer.isSuccess { return }
      let isWorthRepeating = answer.map { $0.status == 429 || $0.status >= 500 } ?? true
      guard isWorthRepeating, ContinuousClock.now < deadline else {
        throw Refused(description: "batch \(number): \(answer.map { "\($0.status) \($0.text)" } ?? "no answer")")
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}

import BaritoCore
import Curl
import TestKit
import Testing

/// What senders did and what they were told: the one side of the account that must balance. Kafka is the other.
final class Sent: Sendable {
  /// One line of a named batch.
  struct Line: Hashable, Sendable {
    var batch: String
    var item: Int
  }

  struct Account: Sendable {
    /// Those that were answered 2xx.
    var acknowledged: Set<Line> = []
    /// All that anybody tried to send.
    var tried: Set<Line> = []
    /// How many answers there were, by status; 0 for none.
    var answers: [Int: Int] = [:]
    /// What should not have been answered so.
    var complaints: [String] = []
  }

  private let account = Guarded(Account())
  private let going = Guarded(true)

  var now: Account { account.with { $0 } }

  /// Ends all senders once their batches are acknowledged.
  func stop() { going.with { $0 = false } }

  /// Sends named batches one after the other until `stop`, each again and again until it is acknowledged.
  ///
  /// - Parameter patience: after `stop`, how long the last batch is tried.
  func send(
    to router: RouterProcess, app: String = "shop", name: String, lines: Int = 20, filler: Int = 100,
    patience: Duration = .seconds(60), pause: Duration = .milliseconds(5)
  ) async {
    let client = CurlClient()
    let padding = String(repeating: "x", count: filler)
    var number = 0
    while going.with({ $0 }) {
      let batch = "\(name)-\(number)"
      let body = (0..<lines).map {
        #"{"b":"\#(batch)","i":\#($0),"f":"\#(padding)","@timestamp":"2026-11-22T10:00:00Z"}"#
      }
      .joined(separator: "\n")
      account.with { account in for item in 0..<lines { account.tried.insert(Line(batch: batch, item: item)) } }
      var until: ContinuousClock.Instant?
      while !(await sendOnce(Array(body.utf8), batch, lines, router, app, client)) {
        if !going.with({ $0 }) {
          if until == nil { until = .now + patience }
          if let until, ContinuousClock.now > until {
            account.with { $0.complaints.append("batch \(batch) was never acknowledged") }
            return
          }
        }
        try? await Task.sleep(for: .milliseconds(50))
      }
      number += 1
      try? await Task.sleep(for: pause)
    }
  }

  private func sendOnce(
    _ body: [UInt8], _ batch: String, _ lines: Int, _ router: RouterProcess, _ app: String, _ client: CurlClient
  ) async -> Bool {
    let answer = try? await router.post(
      "/produce_batch", body, app: app,
      [
        "Content-Type": "application/x-ndjson", "X-Barito-Batch-Id": batch,
        "X-Barito-Batch-Time": "2026-11-22T10:00:00.000Z",
      ], with: client)
    let retryAfter = answer?[header: "Retry-After"]
    return account.with { account in
      account.answers[answer?.status ?? 0, default: 0] += 1
      guard let answer else { return false }
      if answer.isSuccess {
        for item in 0..<lines { account.acknowledged.insert(Line(batch: batch, item: item)) }
        return true
      }
      if answer.status != 503 || retryAfter == nil {
        account.complaints.append("\(answer.status), Retry-After \(retryAfter ?? "none"): \(answer.text)")
      }
      return false
    }
  }
}

import TestKit

/// Senders that know, of each request, whether all of it was sent before the Router was asked to stop: then it must be
/// answered. One that comes later may find the door closed.
final class LastRequests: Sendable {
  private struct State: Sendable {
    var account = Sent.Account()
    var isOver = false
    var isSignalled = false
    /// Requests that were sent and not answered.
    var open = 0
  }

  private let state = Guarded(State())

  var sent: Sent.Account { state.with { $0.account } }

  /// Does it between two requests, as the senders see it.
  func signal(_ body: @Sendable () -> Void) {
    state.with {
      $0.isSignalled = true
      body()
    }
  }

  func stop() { state.with { $0.isOver = true } }

  /// Sends batches over one connection after the other until `stop`, or until the door is closed.
  func send(to router: RouterProcess, name: String) async {
    var number = 0
    while !state.with({ $0.isOver }) {
      guard let socket = try? RawSocket(port: router.port, timeout: 30) else {
        if state.with({ $0.isSignalled }) { return }
        complain("a connection was refused before the stop")
        return
      }
      while !state.with({ $0.isOver }) {
        number += 1
        guard await request(over: socket, "\(name)-\(number)") else { break }
      }
      socket.close()
    }
  }

  /// - Returns: whether the connection may be used again.
  private func request(over socket: RawSocket, _ batch: String) async -> Bool {
    let lines = (0..<10).map { #"{"b":"\#(batch)","i":\#($0),"@timestamp":"2026-11-22T10:00:00Z"}"# }
    let body = lines.joined(separator: "\n")
    let head = """
      POST /produce_batch HTTP/1.1\r\nHost: x\r\nX-App-Secret: secret-shop\r\nContent-Type: application/x-ndjson\r
      X-Barito-Batch-Id: \(batch)\r\nX-Barito-Batch-Time: 2026-11-22T10:00:00.000Z\r\nContent-Length: \(body.utf8.count)\r\n\r\n
      """
    state.with { state in for item in lines.indices { state.account.tried.insert(Sent.Line(batch: batch, item: item)) }
    }
    do {
      try await socket.send(head + body)
    } catch {
      if !state.with({ $0.isSignalled }) { complain("a connection broke before the stop: \(error)") }
      return false
    }
    let isDue = !state.with { $0.isSignalled }
    do {
      let answer = try await socket.read(until: "\r\n\r\n")
      let status = Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
      state.with { state in
        state.account.answers[status, default: 0] += 1
        guard status == 200 else { return }
        for item in lines.indices { state.account.acknowledged.insert(Sent.Line(batch: batch, item: item)) }
      }
      let closes = answer.lowercased().contains("connection: close")
      if status != 200, status != 503 || !closes { complain("answered \(answer)") }
      return status == 200 && !closes
    } catch {
      if isDue { complain("\(batch) was sent before the stop and never answered: \(error)") }
      return false
    }
  }

  private func complain(_ text: String) { state.with { $0.account.complaints.append(text) } }
}

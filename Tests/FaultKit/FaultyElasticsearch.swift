import Curl
import Dispatch
import TestKit

/// Stands before an Elasticsearch and does to bulk requests what a test says, at run time. All else passes through.
public final class FaultyElasticsearch: Sendable {
  public struct Account: Sendable {
    /// Bulk requests that came.
    public var requests = 0
    /// Those that something was done to.
    public var faults = 0
    /// Items that Elasticsearch had already.
    public var conflicts = 0
  }

  private struct State: Sendable {
    var fault: BulkFault?
    /// Each so manieth request.
    var every = 1
    var account = Account()
  }

  public var url: String { server.url }
  private let server: RawServer
  private let state: Guarded<State>

  /// - Parameter upstream: the URL of the real one.
  public init(before upstream: String) {
    let state = Guarded(State())
    self.state = state
    server = RawServer { FaultyElasticsearch.serve($0, upstream, state) }
  }

  /// From now on this is done to each so manieth bulk request.
  public func begin(_ fault: BulkFault, every: Int = 1) { state.with { ($0.fault, $0.every) = (fault, every) } }
  public func end() { state.with { $0.fault = nil } }
  public var account: Account { state.with { $0.account } }

  private static func serve(_ connection: RawConnection, _ upstream: String, _ state: Guarded<State>) {
    let client = CurlClient()
    while true {
      var fault: BulkFault?
      let request = connection.readRequest { head, length in
        guard isBulk(head) else { return length }
        fault = nextFault(state)
        return fault == .cutRequest ? length / 2 : length
      }
      guard let request, fault != .cutRequest else { return }
      if fault == .silent { return connection.waitForClose() }
      if case .refused(let status) = fault {
        let body = #"{"error":{"type":"made_up"},"status":\#(status)}"#
        connection.answer(body, status: "\(status) Refused", headers: json)
        continue
      }
      if case .late(let milliseconds) = fault {
        blockingWait { try? await Task.sleep(for: .milliseconds(milliseconds)) }
      }
      guard let (status, body) = pass(request, fault, upstream, client, state) else {
        connection.answer("", status: "502 Bad Gateway")
        continue
      }
      guard answer(body, status: status, fault, to: connection) else { return }
    }
  }

  private static func isBulk(_ head: String) -> Bool { head.prefix { $0 != "\r\n" }.contains("/_bulk") }

  private static func nextFault(_ state: Guarded<State>) -> BulkFault? {
    state.with { state in
      state.account.requests += 1
      guard let fault = state.fault, state.account.requests.isMultiple(of: state.every) else { return nil }
      state.account.faults += 1
      return fault
    }
  }

  /// Passes the request on, without the items that are refused here.
  /// - Returns: nil where the real one does not answer.
  private static func pass(
    _ request: RawConnection.Request, _ fault: BulkFault?, _ upstream: String, _ client: CurlClient,
    _ state: Guarded<State>
  ) -> (status: Int, body: [UInt8])? {
    guard case .busyItems(let percent) = fault, let items = BulkItems.ofRequest(request.body) else {
      let answer = send(request, request.body, upstream, client)
      if let answer, isBulk(request.line) { count(answer.body, state) }
      return answer
    }
    let isBusy = items.map { _ in Int.random(in: 0..<100) < percent }
    let passed = items.indices.filter { !isBusy[$0] }
    guard !passed.isEmpty else { return (200, BulkItems.answer(items.map { BulkItems.busy($0) })) }
    let rest = Array(passed.map { items[$0].lines }.joined())
    guard let answer = send(request, rest, upstream, client) else { return nil }
    guard answer.status == 200, let answered = BulkItems.ofAnswer(answer.body), answered.count == passed.count else {
      return answer
    }
    count(answer.body, state)
    var left = answered[...]
    return (200, BulkItems.answer(items.indices.map { isBusy[$0] ? BulkItems.busy(items[$0]) : left.removeFirst() }))
  }

  private static func count(_ answer: [UInt8], _ state: Guarded<State>) {
    let conflicts = String(decoding: answer, as: UTF8.self).split(separator: #""status":409"#).count - 1
    state.with { $0.account.conflicts += max(0, conflicts) }
  }

  private static func send(
    _ request: RawConnection.Request, _ body: [UInt8], _ upstream: String, _ client: CurlClient
  ) -> (status: Int, body: [UInt8])? {
    let words = request.line.split(separator: " ")
    guard words.count > 1 else { return nil }
    var passed = CurlRequest(
      String(words[0]), upstream + words[1], body: words[0] == "GET" ? nil : body, timeout: .seconds(90),
      maxResponseBytes: 256 << 20)
    for line in request.headers.split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      let name = parts[0].lowercased()
      guard parts.count == 2, !["host", "content-length", "expect", "connection"].contains(name) else { continue }
      passed.setHeader(String(parts[0]), String(parts[1].drop { $0 == " " }))
    }
    let request = passed
    let answer = Guarded<(Int, [UInt8])?>(nil)
    blockingWait {
      guard let got = try? await client.perform(request) else { return }
      answer.with { $0 = (got.status, got.body) }
    }
    return answer.with { $0 }
  }

  /// - Returns: whether the connection lives on.
  private static func answer(_ body: [UInt8], status: Int, _ fault: BulkFault?, to connection: RawConnection) -> Bool {
    var body = body
    switch fault {
    case .lostAnswer: return false
    case .shortAnswer: if let items = BulkItems.ofAnswer(body) { body = BulkItems.answer(items.dropLast()) }
    case .reversedItems: if let items = BulkItems.ofAnswer(body) { body = BulkItems.answer(items.reversed()) }
    default: break
    }
    let head = "HTTP/1.1 \(status) Passed\r\n\(json)Content-Length: \(body.count)\r\n\r\n"
    if fault == .halfAnswer {
      connection.send(Array(head.utf8) + body.prefix(body.count / 2))
      return false
    }
    return connection.send(Array(head.utf8) + body)
  }

  // Its clients ask for the product's name.
  private static let json = "Content-Type: application/json\r\nX-Elastic-Product: Elasticsearch\r\n"

  /// For a thread of the connection's own, which may wait.
  private static func blockingWait(_ work: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
      await work()
      done.signal()
    }
    done.wait()
  }
}

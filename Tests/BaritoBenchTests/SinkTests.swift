import BaritoCore
import Dispatch
import Glibc
import TestKit
import Testing

@testable import BaritoBench

@Suite(.timeLimit(.minutes(1))) struct SinkTests {
  @Test("the sink answers for each document, and measures between the first request and the last")
  func documents() async throws {
    let (results, continuation) = AsyncStream.makeStream(of: Int.self)
    let port = try SinkThread.serve(try BulkSink(expecting: 5)) { continuation.yield($0) }
    let socket = try RawSocket(port: port)
    for (count, last) in [(2, false), (3, true)] {
      try await socket.send(request(String(repeating: "{\"create\":{}}\n{}\n", count: count)))
      let answer = try await socket.read(until: "]}")
      let items = Array(repeating: #"{"create":{"status":201}}"#, count: count).joined(separator: ",")
      #expect(answer.hasSuffix("{\"errors\":false,\"items\":[\(items)]}"))
      guard last else { continue }
      // Those of the first request came before the clock started.
      var iterator = results.makeAsyncIterator()
      #expect(await iterator.next() == 3)
    }
  }

  @Test("who asks first whether its body is welcome hears so at once")
  func expectation() async throws {
    let socket = try RawSocket(port: try SinkThread.serve(try BulkSink(expecting: 1)) { _ in })
    let body = "{\"create\":{}}\n{}\n"
    try await socket.send("POST /_bulk HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\nExpect: 100-continue\r\n\r\n")
    #expect(try await socket.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
    try await socket.send(body)
    #expect(try await socket.read(until: "]}").contains("HTTP/1.1 200 "))
  }

  @Test("a sink that takes its time answers a bulk request no sooner")
  func delay() async throws {
    let sink = try BulkSink(expecting: 1, answer: .own(delay: .milliseconds(300)))
    let socket = try RawSocket(port: try SinkThread.serve(sink) { _ in })
    let start = ContinuousClock.now
    try await socket.send(request("{\"create\":{}}\n{}\n"))
    _ = try await socket.read(until: "]}")
    #expect(ContinuousClock.now - start >= .milliseconds(300))
  }

  @Test("what is no bulk request is answered at once, while one waits for its answer")
  func others() async throws {
    let port = try SinkThread.serve(try BulkSink(expecting: 1, answer: .own(delay: .seconds(3600)))) { _ in }
    let (waiting, other) = (try RawSocket(port: port), try RawSocket(port: port))
    try await waiting.send(request("{\"create\":{}}\n{}\n"))
    try await other.send("GET / HTTP/1.1\r\n\r\n")
    #expect(try await other.read(until: "true}").hasSuffix(#"{"acknowledged":true}"#))
  }

  @Test("what goes through to another server is counted when that has answered, and its answer comes back as it is")
  func through() async throws {
    let behind = try SinkThread.serve(try BulkSink(expecting: 1)) { _ in }
    let (results, continuation) = AsyncStream.makeStream(of: Int.self)
    let port = try SinkThread.serve(try BulkSink(expecting: 2, answer: .from(port: behind))) { continuation.yield($0) }
    let socket = try RawSocket(port: port)
    for name in ["a", "b"] {
      try await socket.send(request("{\"create\":{\"_id\":\"\(name)\"}}\n{}\n"))
      let answer = try await socket.read(until: "]}")
      #expect(answer.hasSuffix(#"{"errors":false,"items":[{"create":{"_id":"\#(name)","status":201}}]}"#))
    }
    var iterator = results.makeAsyncIterator()
    #expect(await iterator.next() == 1)
  }

  @Test("a server that refuses a document ends the measurement with what it said")
  func refusal() async throws {
    let (listener, behind) = try Loopback.listen()
    defer { close(listener) }
    DispatchQueue(label: "refusing").async {
      let descriptor = accept(listener, nil, nil)
      var buffer = [UInt8](repeating: 0, count: 4096)
      _ = recv(descriptor, &buffer, buffer.count, 0)
      let body = #"{"errors":true,"items":[{"create":{"status":429}}]}"#
      let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
      _ = send(descriptor, answer, answer.count, CInt(MSG_NOSIGNAL))
    }
    let (failures, continuation) = AsyncStream.makeStream(of: String.self)
    let sink = try BulkSink(expecting: 1, answer: .from(port: behind))
    let port = try SinkThread.serve(sink) {
      continuation.yield($0)
    } onComplete: { _ in
    }
    let socket = try RawSocket(port: port)
    try await socket.send(request("{\"create\":{}}\n{}\n"))
    var iterator = failures.makeAsyncIterator()
    let failure = await iterator.next()
    #expect(failure?.contains("429") == true)
  }

  @Test("an action's time is its record's, and other ids have none")
  func times() {
    var id: [UInt8] = []
    DocumentID(partition: 3, offset: 1_234_567, timestamp: 1_795_000_000_123).append(to: &id)
    let actions = self.actions([
      #"{"create":{"_index":"shop.orders-2026.11.22","_id":"\#(String(decoding: id, as: UTF8.self))"}}"#,
      #"{"create":{"_index":"shop.carts-2026.11.22","_id":"of-the-sender-0123456789-01234"}}"#,
      #"{"create":{"_index":"shop.carts-2026.11.22"}}"#,
    ])
    #expect((0..<3).map { actions.recorded(at: $0) } == [1_795_000_000_123, nil, nil])
    let prefix = Array("shop.orders-".utf8)
    #expect((0..<3).map { actions.indexBegins(with: prefix, at: $0) } == [true, false, false])
  }

  @Test("lines are as old as their records were when the request was answered, once all has settled")
  func freshness() throws {
    var account = FreshnessAccount(watching: "shop.orders-", settle: 1000)
    account.answered(answered("shop.orders", [50]), at: 10_000)
    // This one had waited before.
    account.answered(answered("shop.orders", [10_999]), at: 11_050)
    account.answered(answered("shop.orders", [11_000, 11_040]), at: 11_060)
    account.answered(answered("shop.orders", [11_950]), at: 12_000)
    let result = try #require(account.result)
    #expect(account.documents == 5)
    #expect(result.latencies == Latencies(p50: 50, p99: 60))
    #expect(result.documents == 3)
    #expect(result.othersPerSecond == 0)
    // Four answers in the second behind the first 11 s, whenever they were written.
    #expect(result.documentsPerSecond == 4)
  }

  @Test("beside others only lines count that were written while those had something to do")
  func beside() throws {
    var account = FreshnessAccount(watching: "shop.orders-", settle: 0)
    account.answered(answered("shop.carts", [1, 2, 3]), at: 10_000)
    account.answered(answered("shop.orders", [10_100]), at: 10_200)
    account.answered(answered("shop.carts", [4]), at: 10_500)
    account.answered(answered("shop.orders", [10_490, 10_501]), at: 10_600)
    let result = try #require(account.result)
    #expect(result.documents == 2)
    #expect(result.latencies == Latencies(p50: 100, p99: 110))
    #expect(result.othersPerSecond == 8)
    #expect(account.others == 4)
  }

  @Test("without a line that counts there is no freshness")
  func nothing() {
    var account = FreshnessAccount(watching: "shop.orders-", settle: 1000)
    #expect(account.result == nil)
    account.answered(answered("shop.orders", [10_000]), at: 10_100)
    #expect(account.result == nil)
    #expect(throws: BenchError.self) { try Freshness(Report(["lines": 1])) }
  }

  @Test("freshness arrives as it was told")
  func report() throws {
    let freshness = Freshness(
      latencies: Latencies(p50: 40, p99: 120), documents: 900, documentsPerSecond: 990, othersPerSecond: 50_000)
    #expect(try Freshness(try #require(Report(line: Report(freshness.numbers).line.dropLast()))) == freshness)
  }

  private func request(_ body: String) -> String {
    "POST /_bulk?x=y HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  /// Documents of an app whose records have these timestamps.
  private func answered(_ app: String, _ times: [Int64]) -> BulkActions {
    actions(
      times.enumerated().map { offset, time in
        let id = DocumentID(partition: 0, offset: Int64(offset), timestamp: time)
        return #"{"create":{"_index":"\#(app)-2026.11.22","_id":"\#(id)"}}"#
      })
  }

  private func actions(_ lines: [String]) -> BulkActions {
    var actions = BulkActions()
    Array(lines.map { "\($0)\n{}\n" }.joined().utf8).withUnsafeBytes { actions.take($0) }
    return actions
  }
}

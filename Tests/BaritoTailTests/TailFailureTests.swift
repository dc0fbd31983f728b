import BaritoCore
import Curl
import Kafka
import KafkaTesting
import Logging
import Metrics
import Synchronization
import TestKit
import Testing

@testable import BaritoTail

/// What viewers meet when something is wrong: refusals, slow readers, lost lines, a service that stops.
@Suite(.timeLimit(.minutes(2))) struct TailFailureTests {
  private func documents(_ numbers: Range<Int>) -> [String] { numbers.map { #"{"n":\#($0)}"# } }

  private func code(_ response: CurlResponse) throws -> String? {
    struct Problem: Decodable { var code: String? }
    return try WireJSON.decode(Problem.self, from: response.body).code
  }

  @Test("a refusal says what is wrong")
  func refusals() async throws {
    let tail = try await TailHarness(["sessions.per-user": "1"])
    let app = try await tail.makeApp("shop")
    tail.market.state.withLock { $0.hidden = ["secret"] }
    let cases: [(query: String, token: String?, status: Int, code: String, text: String)] = [
      ("app=shop", nil, 401, "no_token", "Authorization: Bearer"),
      ("app=shop", "wrong", 401, "unknown_token", "No such token"),
      ("app=secret", TailHarness.token, 403, "forbidden", "no member"),
      ("app=shpo", TailHarness.token, 404, "unknown_app", "did you mean shop?"),
      ("", TailHarness.token, 400, "invalid_parameter", "?app=checkout"),
      ("app=shop&grep=a(b", TailHarness.token, 400, "invalid_parameter", "\"offset\":3"),
      ("app=shop&level=loud", TailHarness.token, 400, "invalid_parameter", "warning"),
      ("app=shop&since=yesterday", TailHarness.token, 400, "invalid_parameter", "10m"),
      ("app=shop&cursor=v9_1.2", TailHarness.token, 400, "invalid_parameter", "cursor"),
      ("app=shop&greb=a", TailHarness.token, 400, "invalid_parameter", "no parameter"),
    ]
    for item in cases {
      let response = try await tail.tail(item.query, token: item.token).response()
      #expect(response.status == item.status, "\(item.query)")
      #expect(try code(response) == item.code, "\(item.query)")
      #expect(response.text.contains(item.text), "\(item.query): \(response.text)")
    }
    let first = tail.tail("app=shop")
    try await first.opened()
    let second = try await tail.tail("app=shop").response()
    #expect(second.status == 429)
    #expect(second[header: "Retry-After"] != nil)
    await first.leave()
    try await eventually("the place is free again") {
      try await tail.tail("app=shop&tail=0&follow=false").response().status == 200
    }
    #expect(String(decoding: tail.metrics.render(), as: UTF8.self).contains("{code=\"unknown_app\"} 1"))
    _ = app
    await tail.stop()
  }

  @Test("while Market is away, whom it let in just now is let in, and others hear why not")
  func marketAway() async throws {
    let tail = try await TailHarness(["access.ttl": "1h"])
    let app = try await tail.makeApp("shop")
    _ = try await tail.makeApp("cart")
    try await tail.produce(documents(0..<1), to: app)
    let running = tail.tail("app=shop")
    try await running.opened()
    tail.market.state.withLock { $0.isBroken = true }
    let known = tail.tail("app=shop&tail=1&follow=false")
    #expect(try await known.response().status == 200)
    #expect(try known.numbers() == [0])
    let unknown = try await tail.tail("app=shop&app=cart").response()
    #expect(unknown.status == 503)
    #expect(try code(unknown) == "market_unavailable")
    #expect(unknown[header: "Retry-After"] == "5")
    // The check of running sessions fails meanwhile, and they go on.
    let asked = tail.market.state.withLock { $0.asked }
    try await eventually("the session was checked") { tail.market.state.withLock { $0.asked } > asked + 1 }
    try await tail.produce(documents(1..<2), to: app)
    try await eventually("the session goes on") { try running.numbers() == [1] }
    await running.leave()
    await tail.stop()
  }

  @Test("a session ends when the right to read was taken away")
  func revoked() async throws {
    let tail = try await TailHarness()
    _ = try await tail.makeApp("shop")
    let viewer = tail.tail("app=shop")
    try await viewer.opened()
    tail.market.state.withLock { state in
      state.readable[TailHarness.token]?["shop"] = nil
      state.hidden = ["shop"]
    }
    try await viewer.response()
    let end = try #require(try viewer.events().last?.end)
    #expect(end.reason == "forbidden")
    #expect(end.detail.contains("no member"))
    await tail.stop()
  }

  @Test("a viewer too slow is told exactly which lines it missed, and slows nobody")
  func slowReader() async throws {
    let tail = try await TailHarness(["sessions.max-lag": "500"])
    let app = try await tail.makeApp("shop", partitions: 8)
    let slow = try RawSocket(port: tail.port, timeout: 30, receiveBuffer: 65_536)
    try await slow.send(
      "GET /v1/tail?app=shop HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TailHarness.token)\r\n\r\n")
    _ = try await slow.read(until: "heartbeat")
    let quick = tail.tail("app=shop")
    try await quick.opened()
    // More than sockets and the session hold, in pieces, so that the quick viewer stays near.
    let padding = String(repeating: "x", count: 4000)
    for start in stride(from: 0, to: 3000, by: 200) {
      try await tail.produce((start..<start + 200).map { #"{"n":\#($0),"p":"\#(padding)"}"# }, to: app)
      try await eventually("the quick viewer has it") { quick.byteCount > (start + 200) * 4000 }
    }
    // Now the slow one reads until it was taken to the newest line, and then one line more.
    var bytes: [UInt8] = []
    try await SlowStream.read(slow, into: &bytes, until: "\"reason\":\"slow\"")
    try await tail.produce(["{\"n\":-1}"], to: app)
    try await SlowStream.read(slow, into: &bytes, until: "{\"n\":-1}")
    let events = try SlowStream.events(bytes)
    let gaps = events.compactMap(\.gap)
    let shown = events.filter { ($0.line?.n ?? -1) >= 0 }.count
    #expect(!gaps.isEmpty)
    #expect(gaps.allSatisfy { $0.reason == "slow" })
    #expect(gaps.allSatisfy { $0.lines == $0.offsets.reduce(0) { $0 + $1.to - $1.from } })
    #expect(shown + Int(gaps.reduce(0) { $0 + $1.lines }) == 3000)
    #expect(try quick.events().allSatisfy { $0.gap == nil })
    #expect(try Set(quick.numbers()).isSuperset(of: 0..<3000))
    slow.close()
    await quick.leave()
    await tail.stop()
  }

  @Test(
    "lines whose retention was over before they were shown are counted exactly",
    .enabled(if: TailHarness.realKafka == nil))
  func retention() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    // A mock cluster keeps 5 MiB of a partition.
    var random = SystemRandomNumberGenerator()
    for start in stride(from: 0, to: 1000, by: 50) {
      // What cannot be compressed.
      let documents = (start..<start + 50).map { number in
        let padding = (0..<800).map { _ in String(random.next(), radix: 36) }.joined()
        return #"{"n":\#(number),"p":"\#(padding)"}"#
      }
      try await tail.produce(documents, to: app)
    }
    let viewer = tail.tail("app=shop&follow=false&cursor=v1_\(app.id).0")
    try await viewer.response()
    let gap = try #require(try viewer.events().compactMap(\.gap).first)
    let first = try #require(try viewer.numbers().first)
    #expect(first > 0)
    #expect(gap.reason == "retention")
    #expect(gap.lines == Int64(first))
    #expect(gap.offsets == [.init(app: "shop", partition: 0, from: 0, to: Int64(first))])
    #expect(try viewer.numbers() == Array(first..<1000))
    await tail.stop()
  }

  @Test("a cursor of a topic that was made anew shows all of the new one, and says so")
  func recreated() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(documents(0..<3), to: app)
    let viewer = tail.tail("app=shop&follow=false&cursor=v1_\(app.id).700")
    try await viewer.response()
    #expect(try viewer.events().compactMap(\.gap).map(\.reason) == ["recreated"])
    #expect(try viewer.numbers() == [0, 1, 2])
    await tail.stop()
  }

  @Test("at a stop a session hears why, with the cursor to go on from, and the service ends soon")
  func stopping() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    let viewer = tail.tail("app=shop")
    try await viewer.opened()
    try await tail.produce(documents(0..<2), to: app)
    try await eventually("the lines are shown") { try viewer.numbers().count == 2 }
    let start = ContinuousClock.now
    await tail.stop()
    #expect(ContinuousClock.now - start < .seconds(20))
    try await viewer.response()
    let last = try #require(try viewer.events().last)
    #expect(last.end?.reason == "stopping")
    #expect(last.cursor == "v1_\(app.id).2")
  }

  @Test("a pattern that explodes ends its session and nothing else")
  func explodingPattern() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(["{\"m\":\"\(String(repeating: "a", count: 60))!\"}"], to: app)
    let viewer = tail.tail("app=shop&tail=1&grep=(a%7Ca)*%5B%3F%23%5D")
    try await viewer.response()
    #expect(try viewer.events().last?.end?.reason == "pattern")
    await tail.stop()
  }

  @Test("it answers pings")
  func ping() async throws {
    let tail = try await TailHarness()
    let response = try await CurlClient().perform(CurlRequest("GET", "http://127.0.0.1:\(tail.port)/ping"))
    #expect(response.text == "OK")
    await tail.stop()
  }
}

/// The events in an answer as it came from the socket.
enum SlowStream {
  /// Reads on until the text has come, or the stream has ended.
  static func read(_ socket: RawSocket, into bytes: inout [UInt8], until text: String) async throws {
    while true {
      let more = try await socket.read()
      bytes += more
      // The text may have begun in what came before.
      let fresh = bytes.suffix(more.count + text.utf8.count)
      if more.isEmpty || fresh.firstRange(of: text.utf8) != nil { return }
    }
  }

  /// - Parameter bytes: chunked, perhaps ending within a chunk.
  static func events(_ bytes: [UInt8]) throws -> [Viewer.Event] {
    var rest = bytes[...]
    var body: [UInt8] = []
    while let end = rest.firstRange(of: "\r\n".utf8) {
      let line = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
      rest = rest[end.upperBound...]
      // What was read until the first heartbeat ended within a chunk: begin at the first size.
      guard let size = Int(line, radix: 16), size > 0 else { continue }
      body += rest.prefix(size)
      rest = rest.dropFirst(size)
    }
    guard let last = body.lastIndex(of: 0x0A) else { return [] }
    return try body[..<last].split(separator: 0x0A).compactMap {
      $0.first == UInt8(ascii: "{") ? try WireJSON.decode(Viewer.Event.self, from: Array($0)) : nil
    }
  }
}

import BaritoCore
import Curl
import Dispatch
import Glibc
import Kafka
import KafkaTesting
import TestKit
import Testing

/// Senders that are many, slow or broken, against a Router as a process.
@Suite(.serialized, .timeLimit(.minutes(4))) struct PressureTests {
  private static let line = Array("{}".utf8)

  @Test("ten thousand idle connections cost nobody else anything")
  func idle() async throws {
    // As many again are the Router's ends, in a process of its own.
    let wanted = min(10_000, IdleConnections.possible - 500)
    try await withRouter(["http.connections": "12000"]) { router in
      let idle = IdleConnections(port: router.port)
      try await idle.open(wanted)
      #expect(idle.count == wanted, "this machine allows \(wanted) connections")
      let start = ContinuousClock.now
      for _ in 0..<50 { #expect(try await router.post("/produce", Self.line).status == 200) }
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(try await idle.answered(100) == 100, "they are served when they wake")
      // What a connection that was used keeps, about 17 KiB, and what the Router has without any.
      #expect(router.residentBytes < 400 << 20, "\(router.residentBytes) bytes")
      await idle.close()
      #expect(try await router.post("/produce", Self.line).status == 200)
    }
  }

  @Test("senders that trickle are cut off by deadline, and the others are served meanwhile")
  func slow() async throws {
    try await withRouter([:]) { router in
      let slowHead = try RawSocket(port: router.port, timeout: 60)
      let slowBody = try RawSocket(port: router.port, timeout: 60)
      try await slowHead.send("POST /produce HTTP/1.1\r\nHost: x\r\n")
      try await slowBody.send(
        "POST /produce HTTP/1.1\r\nHost: x\r\nX-App-Secret: secret-shop\r\nContent-Length: 100000\r\n\r\n{")
      let start = ContinuousClock.now
      try await eventually(within: .seconds(60), "both are cut off") {
        try? await slowHead.send("X-A: b\r\n")
        try? await slowBody.send(" ")
        #expect(try await router.post("/produce", Self.line).status == 200)
        try await Task.sleep(for: .milliseconds(300))
        return slowHead.isClosedByPeer && slowBody.isClosedByPeer
      }
      #expect(ContinuousClock.now - start > .seconds(5), "they had a fair chance")
    }
  }

  @Test("headers that are too many or too large are refused with 431", arguments: [(1, 200_000), (20_000, 20)])
  func headers(count: Int, size: Int) async throws {
    try await withRouter([:]) { router in
      let socket = try RawSocket(port: router.port, timeout: 30)
      let value = String(repeating: "v", count: size)
      // The Router may answer and close before all of it was sent.
      try? await socket.send("POST /produce HTTP/1.1\r\nHost: x\r\n")
      for number in 0..<count { do { try await socket.send("X-\(number): \(value)\r\n") } catch { break } }
      try? await socket.send("\r\n")
      let answer = (try? await socket.read(until: "\r\n\r\n")) ?? "nothing"
      #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer)")
      #expect(try await router.post("/produce", Self.line).status == 200)
    }
  }

  @Test("an app whose senders hold back what they announced does not take the room of the others")
  func apart() async throws {
    try await withRouter(["ingest.app-bytes-in-flight": "1MiB"], apps: ["shop", "slow"]) { router in
      #expect(try await router.post("/produce", Self.line, app: "slow").status == 200)
      #expect(try await router.post("/produce", Self.line).status == 200)
      // Bodies that are announced and do not come.
      let body = 20 << 20
      var held: [RawSocket] = []
      var refused = 0
      for _ in 0..<20 {
        let socket = try RawSocket(port: router.port, timeout: 30)
        try await socket.send(
          "POST /produce HTTP/1.1\r\nHost: x\r\nX-App-Secret: secret-slow\r\nContent-Length: \(body)\r\n"
            + "Expect: 100-continue\r\n\r\n")
        let answer = try await socket.read(until: "\r\n\r\n")
        if answer.hasPrefix("HTTP/1.1 503 ") {
          refused += 1
          #expect(answer.lowercased().contains("retry-after: 1\r\n"))
        } else {
          held.append(socket)
        }
      }
      #expect(held.count == 1 && refused == 19)
      #expect(try await router.post("/produce", Self.line, app: "slow").status == 503)
      for _ in 0..<20 { #expect(try await router.post("/produce", Self.line).status == 200) }
      for socket in held { socket.reset() }
      try await eventually("the room is given back") {
        try await router.post("/produce", Self.line, app: "slow").status == 200
      }
    }
  }

  private static let suite = entries(
    ofFolder: "\(environmentVariable("BARITO_TEST_DATA") ?? "../shared/data")/JSONTestSuite/test_parsing")

  @Test(
    "of the JSON test suite, what is JSON is stored as sent, what is not is refused, and the next request is served",
    .enabled(if: !suite.isEmpty, "BARITO_TEST_DATA has no JSONTestSuite"))
  func jsonTestSuite() async throws {
    let cluster = MockCluster()
    cluster.createTopic("shop_logs")
    try await withRouter([:], over: cluster) { router in
      let client = CurlClient()
      var stored: [Int64: (name: String, body: [UInt8])] = [:]
      var count = 0
      for path in Self.suite {
        let name = String(path.split(separator: "/").last ?? "")
        let body = contents(ofFile: path) ?? []
        let answer = try await router.post("/produce", body, ["Accept": "application/json"], with: client)
        switch name.first {
        case "y":
          #expect(answer.status == 200, "\(name): \(answer.text)")
          let receipt = answer.text.split(separator: #""first_offset":"#).last.map { $0.prefix { $0.isNumber } } ?? ""
          if let offset = Int64(receipt) { stored[offset] = (name, body) }
          count += 1
        case "n": #expect(answer.status == 400, "\(name): \(answer.status) \(answer.text)")
        default: #expect([200, 400].contains(answer.status), "\(name): \(answer.status) \(answer.text)")
        }
        #expect(try await router.post("/produce", Self.line, with: client).status == 200, "after \(name)")
      }
      #expect(stored.count == count && count > 90)
      let values = try await cluster.configuration().values(of: "shop_logs", to: stored.keys.max() ?? 0)
      for (offset, sent) in stored {
        let value = try #require(values[offset], "\(sent.name) is not at its offset \(offset)")
        #expect(holds(value, sent.body), "\(sent.name): \(String(decoding: value, as: UTF8.self))")
      }
    }
  }

  /// Whether a stored document is what was sent, line feeds between tokens as spaces: an object with `@timestamp` behind its members, a string as the message
  /// that it is, anything else as a message with its text.
  private func holds(_ value: [UInt8], _ body: [UInt8]) -> Bool {
    func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
    var sent = Array(body.drop(while: isSpace))
    while let last = sent.last, isSpace(last) { sent.removeLast() }
    switch sent.first {
    case UInt8(ascii: "{"):
      var members = sent.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }.dropLast()
      while let last = members.last, isSpace(last) { members.removeLast() }
      return value.starts(with: members)
    case UInt8(ascii: "\""): return value.starts(with: Array(#"{"message":"#.utf8) + sent)
    default:
      var json = JSONWriter()
      json.value(utf8: sent.span)
      return value.starts(with: Array(#"{"message":"#.utf8) + json.bytes)
    }
  }

  private func withRouter(
    _ settings: [String: String], apps: [String] = ["shop"], over cluster: MockCluster = MockCluster(),
    _ body: (RouterProcess) async throws -> Void
  ) async throws {
    let router = try await RouterProcess(kafka: cluster.bootstraps, apps: apps, settings: settings)
    do {
      try await body(router)
    } catch {
      Issue.record("\(error)\n\(router.lastWords)")
    }
    #expect(router.isRunning, "\(router.lastWords)")
    await router.stop()
    withExtendedLifetime(cluster) {}
  }
}

extension RouterProcess {
  fileprivate func post(
    _ path: String, _ body: [UInt8], _ headers: [String: String], with client: CurlClient
  ) async throws -> CurlResponse {
    try await post(path, body, app: "shop", headers, with: client)
  }
}

extension KafkaConfiguration {
  /// The values of the topic's only partition, by offset, up to and with this one.
  fileprivate func values(of topic: String, to last: Int64) async throws -> [Int64: [UInt8]] {
    let consumer = try KafkaConsumer(self)
    try await consumer.assign([TopicPartition(topic, 0): .beginning])
    var values: [Int64: [UInt8]] = [:]
    try await eventually(within: .seconds(60), "offset \(last) is read") {
      let batch = try await consumer.nextBatch()
      for record in batch.records { values[record.offset] = Array(batch.bytes[record.value]) }
      return values[last] != nil
    }
    await consumer.close(within: .seconds(5))
    return values
  }
}

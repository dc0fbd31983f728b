import BaritoCore
import BaritoService
import Cryptography
import KafkaTesting
import Metrics
import Streams
import TestKit
import Testing

@testable import BaritoRouter

/// The forward protocol over a socket.
@Suite(.timeLimit(.minutes(1))) struct ForwardTests {
  private let tag = "\(ForwardRouter.secret).app.web"

  private func document(_ message: String) -> String {
    #"{"message":"\#(message)","@timestamp":"2023-11-14T22:13:20.000Z","tag":"app.web"}"#
  }

  @Test("all four modes are stored, and acknowledged in the order in which they came")
  func modes() async throws {
    let router = try await ForwardRouter()
    let socket = try RawSocket(port: router.port)
    try await socket.send(
      ForwardWire.message(tag, "a", chunk: "1") + ForwardWire.forward(tag, ["b", "c"], chunk: "2")
        + ForwardWire.packed(tag, ["d"], chunk: "3\n") + ForwardWire.compressed(tag, [["e"], ["f"]], chunk: "4"))
    for chunk in ["1", "2", "3\n", "4"] { try await socket.expectAck(chunk) }
    let stored = try await router.router.records("shop_logs", 6)
    #expect(stored.map { $0.value }.sorted() == "abcdef".map { document(String($0)) })
    #expect(stored.allSatisfy { !$0.value.contains(ForwardRouter.secret) })
    // Named, so that the same chunk sent again is the same batch.
    try await socket.send(ForwardWire.forward(tag, ["b", "c"], chunk: "2"))
    try await socket.expectAck("2")
    let again = try await router.router.records("shop_logs", 8)
    let places = again.map { [$0.value, $0.headers[RecordHeader.batchID], $0.headers[RecordHeader.batchItem]] }
    #expect(Set(places).count == 6)
    #expect(router.metric(#"barito_router_accepted_lines_total{protocol="forward"} 8"#))
    await router.close()
  }

  @Test("a message may come in pieces, or with others")
  func frames() async throws {
    let router = try await ForwardRouter()
    let socket = try RawSocket(port: router.port)
    for byte in ForwardWire.packed(tag, ["a", "b"], chunk: "1") { try await socket.send([byte]) }
    try await socket.expectAck("1")
    // Without acknowledgement, one after the other and a heartbeat between.
    let heartbeats: [UInt8] = [0xC0, 0x90]
    let many: [UInt8] = (0..<500).flatMap { ForwardWire.message(tag, "m\($0)") + ($0 == 7 ? heartbeats : []) }
    try await socket.send(many)
    #expect(
      Set(try await router.messages(502)) == Set((0..<500).map { document("m\($0)") } + ["a", "b"].map(document)))
    await router.close()
  }

  @Test("a chunk of more lines than a batch may have is acknowledged when all of it is stored")
  func parts() async throws {
    var limits = BodyReader.Limits.test
    limits.items = 3
    let router = try await ForwardRouter(limits: limits)
    let socket = try RawSocket(port: router.port)
    try await socket.send(ForwardWire.packed(tag, (0..<10).map { "\($0)" }, chunk: "c"))
    try await socket.expectAck("c")
    let stored = try await router.router.records("shop_logs", 10)
    #expect(Set(stored.map { $0.value }) == Set((0..<10).map { document("\($0)") }))
    #expect(Set(stored.map { $0.headers }).count == 10)
    await router.close()
  }

  @Test("a line that is too large is left out and counted, and the chunk is acknowledged")
  func leftOut() async throws {
    let router = try await ForwardRouter()
    let socket = try RawSocket(port: router.port)
    let large = String(repeating: "x", count: BodyReader.Limits.test.documentBytes)
    try await socket.send(ForwardWire.packed(tag, ["a", large], chunk: "c"))
    try await socket.expectAck("c")
    #expect(try await router.messages(1) == [document("a")])
    #expect(router.log.text.contains("left lines of a sender out"))
    await router.close()
  }

  // MARK: Handshake

  private func greeted(_ router: ForwardRouter) async throws -> (RawSocket, nonce: [UInt8], salt: [UInt8]) {
    let socket = try RawSocket(port: router.port)
    // HELO, {nonce: 32 digits, auth: 32 digits, keepalive: true}
    let hello = try await socket.read(exactly: 1 + 5 + 1 + 6 + 34 + 5 + 34 + 10 + 1)
    var reader = MessagePackReader(hello.span)
    #expect(try reader.array(in: hello.span) == 2)
    #expect(hello[try reader.text(in: hello.span)].elementsEqual("HELO".utf8))
    #expect(try reader.map(in: hello.span) == 3)
    var values: [[UInt8]] = []
    for name in ["nonce", "auth"] {
      #expect(hello[try reader.text(in: hello.span)].elementsEqual(name.utf8))
      values.append(Array(hello[try reader.text(in: hello.span)]))
    }
    return (socket, values[0], values[1])
  }

  private func ping(_ secret: String, key: String? = nil, _ nonce: [UInt8], _ salt: [UInt8]) -> [UInt8] {
    func digest(_ bytes: [UInt8]) -> [UInt8] { ForwardWire.text(Hex.encode(SHA512.hash(bytes))) }
    let (host, pepper) = (Array("web1".utf8), Array("pepper".utf8))
    return ForwardWire.array([
      ForwardWire.text("PING"), ForwardWire.text("web1"), ForwardWire.text("pepper"),
      digest(pepper + host + nonce + Array((key ?? secret).utf8)), ForwardWire.text(secret),
      digest(salt + Array(secret.utf8) + Array(secret.utf8)),
    ])
  }

  @Test("a client that waits for the greeting proves its secret, and its tags stay whole")
  func handshake() async throws {
    let router = try await ForwardRouter(greetingDelay: .milliseconds(50))
    let (socket, nonce, salt) = try await greeted(router)
    try await socket.send(ping(ForwardRouter.secret, nonce, salt))
    let pong = try await socket.read(exactly: 1 + 5 + 1 + 1 + 14 + 130)
    #expect(pong[6] == 0xC3)
    try await socket.send(ForwardWire.message("app.web", "a", chunk: "1"))
    try await socket.expectAck("1")
    #expect(try await router.messages(1) == [document("a")])
    await router.close()
  }

  @Test("where the handshake is demanded the greeting comes at once, and nobody sends without it")
  func handshakeRequired() async throws {
    // The delay would be longer than the test.
    let router = try await ForwardRouter(greetingDelay: .seconds(3600), requiresHandshake: true)
    let (socket, nonce, salt) = try await greeted(router)
    try await socket.send(ping(ForwardRouter.secret, nonce, salt))
    _ = try await socket.read(exactly: 1 + 5 + 1 + 1 + 14 + 130)
    try await socket.send(ForwardWire.message("app.web", "a", chunk: "1"))
    try await socket.expectAck("1")
    let (other, _, _) = try await greeted(router)
    try await other.send(ForwardWire.message(tag, "b", chunk: "2"))
    #expect(try await other.readToEnd() == "")
    try await eventually("it is counted") {
      router.metric(#"barito_router_stream_closed_connections_total{protocol="forward",reason="no_secret"} 1"#)
    }
    #expect(try await router.messages(1) == [document("a")])
    await router.close()
  }

  @Test(
    "a client that proves another key, or a secret that nobody has, is told so and closed",
    arguments: [(ForwardRouter.secret, "another"), ("unknown-secret", "unknown-secret")])
  func badHandshake(secret: String, key: String) async throws {
    let router = try await ForwardRouter(greetingDelay: .milliseconds(50))
    let (socket, nonce, salt) = try await greeted(router)
    try await socket.send(ping(secret, key: key, nonce, salt))
    let answer = try await socket.readToEnd()
    #expect(answer.contains("PONG") && answer.contains("app's secret"))
    #expect(router.metric(#"barito_router_refused_requests_total{code="unknown_secret"} 1"#))
    try await eventually("it is counted") {
      router.metric(#"barito_router_stream_closed_connections_total{protocol="forward",reason="unknown_secret"} 1"#)
    }
    #expect(!router.log.text.contains(secret))
    await router.close()
  }

  @Test(
    "who is not known, or sends something else, is closed without acknowledgement",
    arguments: [
      (ForwardWire.message("no-such-secret.app", "a", chunk: "1"), "unknown_secret"),
      (ForwardWire.message("", "a", chunk: "1"), "no_secret"),
      (Array("GET / HTTP/1.1\r\n\r\n".utf8), "malformed"),
      (ForwardWire.array([ForwardWire.text("secret-Shop.t"), ForwardWire.binary([1, 2]), [0x80]]), "malformed"),
      // A text of 16 MB, of which the beginning came.
      ([0x93, 0xA1, 0x78, 0xDB, 1, 0, 0, 0], "body_too_large"),
      // 64 KB of a chunk of somebody unknown.
      ([0x93, 0xA1, 0x78, 0xDB, 0, 2, 0, 0] + [UInt8](repeating: 0x20, count: 70_000), "unknown_secret"),
    ])
  func refused(bytes: [UInt8], code: String) async throws {
    let router = try await ForwardRouter()
    let socket = try RawSocket(port: router.port)
    try await socket.send(bytes)
    #expect(try await socket.readToEnd() == "")
    try await eventually("it is counted") {
      router.metric(#"barito_router_stream_closed_connections_total{protocol="forward",reason="\#(code)"} 1"#)
    }
    #expect(router.metric(#"barito_router_refused_requests_total{code="\#(code)"} 1"#))
    #expect(
      router.log.text.contains("closed the connection of a sender") && !router.log.text.contains("no-such-secret"))
    await router.close()
  }

  @Test("a message that does not end is given up")
  func slow() async throws {
    let router = try await ForwardRouter(messageTimeout: .milliseconds(100))
    let socket = try RawSocket(port: router.port)
    try await socket.send(Array(ForwardWire.message(tag, "a").dropLast()))
    #expect(try await socket.readToEnd() == "")
    await router.close()
  }

  // MARK: Back-pressure

  @Test("an app over its limit is held back, and loses nothing")
  func limit() async throws {
    let app = AppProfile.named("Shop", limits: IngestLimits(linesPerSecond: 20))
    let router = try await ForwardRouter(app: app)
    let socket = try RawSocket(port: router.port)
    // Ten seconds of the limit may come at once, and a debt of half a second is left for the second chunk.
    let many = (0..<210).map { "\($0)" }
    try await socket.send(ForwardWire.packed(tag, many, chunk: "1") + ForwardWire.packed(tag, many, chunk: "2"))
    try await socket.expectAck("1")
    try await socket.expectAck("2")
    #expect(try await router.messages(420).count == 420)
    try await eventually("it is counted") {
      String(decoding: router.router.registry.render(), as: UTF8.self)
        .contains(#"barito_router_stream_pauses_total{protocol="forward",code="limit"}"#)
    }
    await router.close()
  }

  @Test("a chunk waits for a Kafka that is away, and is acknowledged when it is back")
  func kafkaAway() async throws {
    let router = try await ForwardRouter(patience: .seconds(50), timeout: .milliseconds(600))
    // A client of Kafka waits up to ten seconds before it connects again.
    let socket = try RawSocket(port: router.port, timeout: 40)
    try await socket.send(ForwardWire.message(tag, "a", chunk: "1"))
    try await socket.expectAck("1")
    router.router.cluster.takeDown()
    try await socket.send(ForwardWire.message(tag, "b", chunk: "2"))
    try await eventually("it was tried") {
      router.metric(#"barito_router_stream_pauses_total{protocol="forward",code="kafka_unavailable"} 1"#)
    }
    router.router.cluster.bringUp()
    try await socket.expectAck("2")
    #expect(Set(try await router.messages(2)) == [document("a"), document("b")])
    await router.close()
  }

  @Test("after its patience with Kafka the Router closes without acknowledgement, so that the sender goes elsewhere")
  func patience() async throws {
    let router = try await ForwardRouter(patience: .milliseconds(1500), timeout: .milliseconds(300))
    let socket = try RawSocket(port: router.port)
    router.router.cluster.takeDown()
    try await socket.send(ForwardWire.message(tag, "b", chunk: "2"))
    #expect(try await socket.readToEnd() == "")
    #expect(router.log.text.contains("kafka_unavailable"))
    router.router.cluster.bringUp()
    await router.close()
  }

  @Test("a client that leaves before its acknowledgement disturbs nobody, and its lines are stored")
  func leaves() async throws {
    let router = try await ForwardRouter()
    router.router.cluster.setRoundTrip(broker: 1, .milliseconds(200))
    let socket = try RawSocket(port: router.port)
    try await socket.send(ForwardWire.message(tag, "a", chunk: "1"))
    try await eventually("it is read") { router.server.statistics.accepted == 1 }
    let other = try RawSocket(port: router.port)
    try await other.send(ForwardWire.message(tag, "b", chunk: "2"))
    try await eventually("both are read") {
      router.server.statistics.accepted == 2 && router.server.statistics.unreadBytes == 0
    }
    socket.reset()
    try await other.expectAck("2")
    #expect(try await router.messages(1).contains(document("b")))
    try await eventually("its memory is free") { router.server.statistics.open == 1 }
    await router.close()
  }

  @Test("a client that ends its side gets its acknowledgements first")
  func halfClosed() async throws {
    let router = try await ForwardRouter()
    let socket = try RawSocket(port: router.port)
    try await socket.send(ForwardWire.message(tag, "a", chunk: "1") + ForwardWire.message(tag, "b", chunk: "2"))
    socket.finishSending()
    try await socket.expectAck("1")
    try await socket.expectAck("2")
    #expect(try await socket.readToEnd() == "")
    await router.close()
  }

  @Test("little memory for batches slows many senders down, and every one is served")
  func memory() async throws {
    let router = try await ForwardRouter(bytes: 4096)
    let tag = tag
    try await withThrowingTaskGroup(of: Void.self) { group in
      for sender in 0..<8 {
        group.addTask {
          let socket = try RawSocket(port: router.port)
          for chunk in 0..<10 {
            let lines = (0..<20).map { "\(sender) \(chunk) \($0)" }
            try await socket.send(ForwardWire.packed(tag, lines, chunk: "\(sender) \(chunk)"))
          }
          for chunk in 0..<10 { try await socket.expectAck("\(sender) \(chunk)") }
        }
      }
      try await group.waitForAll()
    }
    #expect(Set(try await router.messages(1600)).count == 1600)
    await router.close()
  }

  @Test("a stop under load acknowledges only what is stored, and every chunk that was begun")
  func stop() async throws {
    let router = try await ForwardRouter()
    let tag = tag
    let acknowledged = Guarded<Set<String>>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for sender in 0..<4 {
        group.addTask {
          let socket = try RawSocket(port: router.port)
          for chunk in 0..<10_000 {
            let name = "\(sender)-\(chunk)"
            guard (try? await socket.send(ForwardWire.packed(tag, [name], chunk: name))) != nil else { break }
            let expected = ForwardWire.ack(name)
            guard let ack = try? await socket.read(exactly: expected.count), ack == expected else { break }
            acknowledged.with { _ = $0.insert(name) }
          }
        }
      }
      try await eventually("it is under way") { acknowledged.with { $0.count } > 20 }
      await router.server.drain(within: .seconds(10))
      try await group.waitForAll()
    }
    let names = acknowledged.with { $0 }
    let stored = Set(try await router.messages(names.count))
    #expect(names.allSatisfy { stored.contains(document($0)) })
    await router.close()
  }
}

import BaritoCore
import BaritoService
import HTTP
import KafkaTesting
import Lifecycle
import Metrics
import Streams
import TestKit
import Testing

@testable import BaritoRouter

/// Syslog over a socket.
@Suite(.timeLimit(.minutes(1))) struct SyslogTests {
  @Test("messages of both standards and both framings are stored, without the secret")
  func mixed() async throws {
    let router = try await SyslogRouter()
    let socket = try RawSocket(port: router.port)
    let messages = [SyslogWire.message("a"), SyslogWire.old("b"), SyslogWire.message("c\\nd")]
    try await socket.send(messages.map { $0 + "\n" }.joined() + messages.map(SyslogWire.counted).joined())
    let stored = try await router.router.records("shop_logs", 6).map { $0.value }
    let head =
      #"{"@timestamp":"2026-11-22T09:00:00Z","level":"info","severity":6,"facility":"user","host":"h","program":"p","#
    let expected = [
      head + #""pid":"1","msgid":"m","message":"a"}"#,
      head.replacingYear(of: router) + #""pid":"1","message":"b"}"#,
      head + #""pid":"1","msgid":"m","message":"c\\nd"}"#,
    ]
    #expect(stored.sorted() == (expected + expected).sorted())
    #expect(router.metric(#"barito_router_accepted_lines_total{protocol="syslog"} 6"#))
    #expect(router.metric(#"barito_router_syslog_messages_total{form="rfc3164"} 2"#))
    await router.close()
  }

  @Test("a message may come byte by byte")
  func pieces() async throws {
    let router = try await SyslogRouter()
    let socket = try RawSocket(port: router.port)
    for byte in Array((SyslogWire.counted(SyslogWire.message("a")) + SyslogWire.line("b")).utf8) {
      try await socket.send([byte])
    }
    #expect(Set(try await router.texts(2)) == ["a", "b"])
    await router.close()
  }

  @Test("a sender that leaves at once, as logger(1) does, leaves its messages, the last one unended too")
  func leaves() async throws {
    let router = try await SyslogRouter()
    for text in ["a", "b"] {
      let socket = try RawSocket(port: router.port)
      try await socket.send(SyslogWire.line("\(text)1") + SyslogWire.message("\(text)2"))
      socket.close()
    }
    #expect(Set(try await router.texts(4)) == ["a1", "a2", "b1", "b2"])
    try await eventually("they are let go of") { router.server.statistics.open == 0 }
    await router.close()
  }

  @Test("many messages on many connections are all stored")
  func many() async throws {
    let router = try await SyslogRouter()
    let port = router.port
    try await withThrowingTaskGroup(of: Void.self) { group in
      for sender in 0..<4 {
        group.addTask {
          let socket = try RawSocket(port: port)
          for part in 0..<5 {
            let lines = (0..<300).map { SyslogWire.message("\(sender) \(part) \($0)") }
            try await socket.send(
              part.isMultiple(of: 2) ? lines.map { $0 + "\n" }.joined() : lines.map(SyslogWire.counted).joined())
          }
          socket.finishSending()
          #expect(try await socket.readToEnd() == "")
        }
      }
      try await group.waitForAll()
    }
    #expect(Set(try await router.texts(6000)).count == 6000)
    await router.close()
  }

  @Test("one connection may bring the messages of several apps")
  func apps() async throws {
    let router = try await SyslogRouter(apps: [.named("Shop"), .named("Bank", id: 2)])
    let socket = try RawSocket(port: router.port)
    let lines = (0..<100).map {
      SyslogWire.line("\($0)", secret: $0.isMultiple(of: 2) ? "secret-Shop" : "secret-Bank")
    }
    try await socket.send(lines.joined())
    #expect(Set(try await router.texts(50)) == Set((0..<50).map { "\($0 * 2)" }))
    #expect(Set(try await router.texts(50, of: "bank_logs")) == Set((0..<50).map { "\($0 * 2 + 1)" }))
    await router.close()
  }

  @Test("further lines of a message go where the message went")
  func furtherLines() async throws {
    let router = try await SyslogRouter()
    let socket = try RawSocket(port: router.port)
    try await socket.send(SyslogWire.line("Exception") + "\tat a.b.C(D.java:1)\n")
    #expect(Set(try await router.texts(2)) == ["Exception", "\\tat a.b.C(D.java:1)"])
    #expect(router.metric(#"barito_router_syslog_messages_total{form="text"} 1"#))
    await router.close()
  }

  @Test("a message over the limit is cut, says so, is counted, and the next one is whole")
  func cut() async throws {
    let router = try await SyslogRouter()
    let socket = try RawSocket(port: router.port)
    let long = String(repeating: "x", count: BodyReader.Limits.test.documentBytes + 5000)
    try await socket.send(SyslogWire.line(long) + SyslogWire.counted(SyslogWire.message(long)) + SyslogWire.line("b"))
    let stored = try await router.router.records("shop_logs", 3).map { $0.value }
    #expect(stored.filter { $0.hasSuffix(#"xxx","truncated":true}"#) }.count == 2)
    #expect(stored.contains { $0.hasSuffix(#""message":"b"}"#) })
    #expect(router.metric("barito_router_syslog_truncated_messages_total 2"))
    await router.close()
  }

  @Test("TLS is served with a certificate of one's own")
  func tls() async throws {
    let certificate = try await SelfSignedCertificate()
    let router = try await SyslogRouter(tls: certificate.files)
    try await certificate.send(
      SyslogWire.line("a") + SyslogWire.counted(SyslogWire.message("b")) + SyslogWire.old("c"), to: router.port)
    #expect(Set(try await router.texts(3)) == ["a", "b", "c"])
    await router.close()
    certificate.remove()
  }

  // MARK: Refusals

  @Test(
    "who is not known is closed, counted and said without the secret, and what others sent before is stored",
    arguments: [
      (SyslogWire.line("x", secret: "no-such-secret"), "unknown_secret"),
      (SyslogWire.line("x", secret: nil), "no_secret"),
      (#"<14>[barito@32473 secret="group-haza" app=""] x"# + "\n", "no_secret"),
    ])
  func refused(text: String, code: String) async throws {
    let router = try await SyslogRouter()
    for _ in 0..<3 {
      let socket = try RawSocket(port: router.port)
      try await socket.send(SyslogWire.line("a") + text + SyslogWire.line("b"))
      #expect(try await socket.readToEnd() == "")
    }
    try await router.waitForMetric(
      #"barito_router_stream_closed_connections_total{protocol="syslog",reason="\#(code)"} 3"#)
    #expect(router.metric(#"barito_router_refused_requests_total{code="\#(code)"} 3"#))
    #expect(try await router.texts(3) == ["a", "a", "a"])
    #expect(
      router.log.text.split(separator: "\n").filter { $0.contains("closed the connection of a sender") }.count == 1)
    #expect(!router.log.text.contains("no-such-secret") && !router.log.text.contains("X-App"))
    await router.close()
  }

  @Test("a line without anything is refused, the last one unended too", arguments: ["GET / HTTP/1.1\r\n", "x"])
  func foreign(text: String) async throws {
    let router = try await SyslogRouter()
    let socket = try RawSocket(port: router.port)
    try await socket.send(text)
    socket.finishSending()
    #expect(try await socket.readToEnd() == "")
    try await router.waitForMetric(
      #"barito_router_stream_closed_connections_total{protocol="syslog",reason="no_secret"} 1"#)
    await router.close()
  }

  @Test("a secret that is revoked closes the connection that was let in by it")
  func revoked() async throws {
    let holder = ControlPlaneTests.PageHolder(ProfilePage(version: 1))
    var routes = Routes()
    routes.get(InternalAPI.profilesPath) { request in
      let after = request.query.first("after").flatMap { Int64($0) } ?? 0
      for _ in 0..<100 where holder.page.version <= after { try await Task.sleep(for: .milliseconds(20)) }
      return .json(try WireJSON.encode(holder.page))
    }
    let market = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    let router = try await SyslogRouter(market: "http://127.0.0.1:\(try market.start())")
    let shutdown = GracefulShutdown()
    async let feed: Void = GracefulShutdown.$current.withValue(shutdown) { try await router.router.profiles.run() }
    let socket = try RawSocket(port: router.port)
    try await socket.send(SyslogWire.line("a"))
    #expect(try await router.texts(1) == ["a"])
    var app = AppProfile.named("Shop")
    app.secrets = []
    holder.set(ProfilePage(version: 2, apps: [app]))
    try await eventually(within: .seconds(10), "the connection is closed") {
      _ = try? await socket.send(SyslogWire.line("b"))
      return router.metric(
        #"barito_router_stream_closed_connections_total{protocol="syslog",reason="unknown_secret"} 1"#)
    }
    shutdown.request()
    try await feed
    await market.stop()
    await router.close()
  }

  // MARK: Back-pressure

  @Test("an app over its limit is held back, and loses nothing")
  func limit() async throws {
    let router = try await SyslogRouter(apps: [.named("Shop", limits: IngestLimits(linesPerSecond: 50))])
    let socket = try RawSocket(port: router.port)
    for part in 0..<3 { try await socket.send((0..<50).map { SyslogWire.line("\(part) \($0)") }.joined()) }
    socket.finishSending()
    #expect(Set(try await router.texts(150)).count == 150)
    await router.close()
  }

  @Test("a Kafka that is away holds senders back, memory stays bounded, and nothing is lost when it is back")
  func kafkaAway() async throws {
    let router = try await SyslogRouter(bytes: 1 << 20, timeout: .milliseconds(600))
    let socket = try RawSocket(port: router.port, timeout: 40)
    try await socket.send(SyslogWire.line("first"))
    #expect(try await router.texts(1) == ["first"])
    router.router.cluster.takeDown()
    let filler = String(repeating: "x", count: 1000)
    async let sending: Void = {
      for number in 0..<10_000 {
        try await socket.send(SyslogWire.line("\(number) \(filler)"))
      }
      socket.finishSending()
    }()
    try await eventually("it was tried") {
      router.router.counter(#"barito_router_stream_pauses_total{protocol="syslog",code="kafka_unavailable"}"#) > 0
    }
    router.router.cluster.bringUp()
    try await sending
    #expect(try await socket.readToEnd() == "")
    try await eventually("all are stored") {
      router.router.counter(#"barito_router_accepted_lines_total{protocol="syslog"}"#) == 10_001
    }
    #expect(router.metric(#"barito_router_stream_lost_lines_total{protocol="syslog"} 0"#))
    await router.close()
  }

  @Test("what is given up in the end is counted")
  func givenUp() async throws {
    let router = try await SyslogRouter(patience: .milliseconds(500), timeout: .milliseconds(300))
    let socket = try RawSocket(port: router.port)
    router.router.cluster.takeDown()
    try await socket.send(SyslogWire.line("a") + SyslogWire.line("b"))
    #expect(try await socket.readToEnd() == "")
    try await router.waitForMetric(#"barito_router_stream_lost_lines_total{protocol="syslog"} 2"#)
    router.router.cluster.bringUp()
    await router.close()
  }

  // MARK: Stopping

  @Test("a stop under load stores every message that was read")
  func stop() async throws {
    let router = try await SyslogRouter()
    router.router.cluster.setRoundTrip(broker: 1, .milliseconds(50))
    let port = router.port
    try await withThrowingTaskGroup(of: Void.self) { group in
      for sender in 0..<4 {
        group.addTask {
          let socket = try RawSocket(port: port)
          for number in 0..<100_000 {
            guard (try? await socket.send(SyslogWire.line("\(sender) \(number)"))) != nil else { break }
          }
        }
      }
      try await eventually("it is under way") {
        router.router.counter(#"barito_router_accepted_lines_total{protocol="syslog"}"#) > 200
      }
      await router.server.drain(within: .seconds(10))
      try await group.waitForAll()
    }
    let read = router.router.counter(#"barito_router_syslog_messages_total{form="rfc5424"}"#)
    let stored = router.router.counter(#"barito_router_accepted_lines_total{protocol="syslog"}"#)
    #expect(read == stored && router.router.counter(#"barito_router_stream_lost_lines_total{protocol="syslog"}"#) == 0)
    // Each sender's messages are there without a gap, up to where the Router stopped reading.
    let texts = try await router.texts(stored)
    for sender in 0..<4 {
      let numbers = texts.filter { $0.hasPrefix("\(sender) ") }.compactMap { Int($0.dropFirst(2)) }.sorted()
      #expect(numbers == Array(0..<numbers.count))
    }
    await router.close()
  }

  @Test("a stop while Kafka is away stores what was read when Kafka is back in time")
  func stopWhileAway() async throws {
    let router = try await SyslogRouter(timeout: .milliseconds(500))
    let socket = try RawSocket(port: router.port)
    try await socket.send(SyslogWire.line("a"))
    #expect(try await router.texts(1) == ["a"])
    router.router.cluster.takeDown()
    try await socket.send(SyslogWire.line("b"))
    try await eventually("it was tried") {
      router.router.counter(#"barito_router_stream_pauses_total{protocol="syslog",code="kafka_unavailable"}"#) > 0
    }
    async let drained: Void = router.server.drain(within: .seconds(20))
    router.router.cluster.bringUp()
    await drained
    #expect(Set(try await router.texts(2)) == ["a", "b"])
    await router.close()
  }
}

extension String {
  /// The head of a message of RFC 3164 with a day of November: the year depends on when the test runs.
  fileprivate func replacingYear(of router: SyslogRouter) -> String {
    let now = router.router.pipeline.receivedAt
    let date = SyslogDate(month: 11, day: 22, milliseconds: 9 * 3_600_000)
    let moment = date.moment(now: now).map { "\($0)" } ?? ""
    return replacing("2026-11-22T09:00:00Z", with: moment).replacing(#","msgid":"m""#, with: "")
  }
}

extension RouterUnderTest {
  /// A counter's value; 0 where nothing was counted yet.
  func counter(_ name: String) -> Int {
    for line in String(decoding: registry.render(), as: UTF8.self).split(separator: "\n")
    where line.hasPrefix(name + " ") {
      return Int(line.dropFirst(name.utf8.count + 1)) ?? -1
    }
    return 0
  }
}

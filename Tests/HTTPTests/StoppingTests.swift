import HTTP
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct StoppingTests {
  @Test("stopping under load: every request that was sent gets its whole answer", arguments: [1, 2])
  func underLoad(threads: Int) async throws {
    var routes = echoRoutes()
    routes.get("/soon") { _ in
      try await Task.sleep(for: .milliseconds(5))
      return .text("soon")
    }
    let answered = Shared(0)
    try await withServer(routes, configure: set { $0.threads = threads }) { port, server in
      try await withThrowingTaskGroup { group in
        for client in 0..<24 {
          group.addTask {
            let path = ["now", "hello", "soon"][client % 3]
            // Every second client makes a connection for each request.
            var socket: RawSocket? = nil
            while true {
              if socket == nil {
                guard let new = try? RawSocket(port: port) else { return }
                socket = new
              }
              guard let current = socket else { return }
              try await current.send("GET /\(path) HTTP/1.1\r\nHost: test\r\n\r\n")
              let answer = try await current.read(until: "\r\n\r\n\(path)")
              #expect(answer.status == 200)
              answered.update { $0 += 1 }
              if answer.contains("Connection: close") || client % 2 == 0 { socket = nil }
            }
          }
        }
        try await eventually("there is load") { answered.value > 500 }
        let start = ContinuousClock().now
        await server.drain(within: .seconds(10))
        #expect(ContinuousClock().now - start < .seconds(5))
        try await group.waitForAll()
      }
      #expect(throws: (any Error).self) { try RawSocket(port: port) }
    }
  }

  @Test("a drain waits for a request in flight, closes idle connections, and tells clients to go")
  func waits() async throws {
    let held = Shared<HTTPExchange?>(nil)
    var routes = echoRoutes()
    routes.on("GET", "/later") { _ in
      .collect(limit: 0) { _, _ in .later { exchange in held.update { $0 = exchange } } }
    }
    try await withServer(routes) { port, server in
      let idle = try RawSocket(port: port)
      try await idle.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
      _ = try await idle.read(until: "now")
      let waiting = try RawSocket(port: port)
      try await waiting.send("GET /later HTTP/1.1\r\nHost: test\r\n\r\n")
      try await eventually("it waits") { held.value != nil }
      async let drained: Void = server.drain(within: .seconds(20))
      #expect(try await idle.readToEnd() == "")
      held.value?.respond(.text("done"))
      let answer = try await waiting.readToEnd()
      #expect(answer.bodyText == "done")
      #expect(answer.contains("Connection: close\r\n"))
      await drained
    }
  }

  @Test("what is in flight at the deadline is answered with 503, handlers are cancelled, streams cut")
  func deadline() async throws {
    let cancelled = Shared(0)
    var routes = Routes()
    routes.on("GET", "/later") { _ in .collect(limit: 0) { _, _ in .later { _ in } } }
    routes.get("/wait") { _ in
      do { try await Task.sleep(for: .seconds(60)) } catch { cancelled.update { $0 += 1 } }
      return .empty()
    }
    routes.get("/stream") { _ in
      HTTPResponse(
        body: .stream { writer in
          try await writer.write("begin\n")
          do { try await Task.sleep(for: .seconds(60)) } catch { cancelled.update { $0 += 1 } }
        })
    }
    try await withServer(routes) { port, server in
      let later = try RawSocket(port: port)
      let wait = try RawSocket(port: port)
      let stream = try RawSocket(port: port)
      try await later.send("GET /later HTTP/1.1\r\nHost: test\r\n\r\n")
      try await wait.send("GET /wait HTTP/1.1\r\nHost: test\r\n\r\n")
      try await stream.send("GET /stream HTTP/1.1\r\nHost: test\r\n\r\n")
      _ = try await stream.read(until: "begin\n")
      await server.drain(within: .milliseconds(100))
      #expect(try await later.readToEnd().status == 503)
      #expect([503, 204].contains(try await wait.readToEnd().status))
      #expect(try await !stream.readToEnd().hasSuffix("0\r\n\r\n"))
      try await eventually("both are cancelled") { cancelled.value == 2 }
    }
  }

  @Test("endless streams end properly when a drain begins")
  func endless() async throws {
    var routes = Routes()
    routes.get("/events") { _ in
      .events { writer in
        try await writer.write("data: 1\n\n")
        try await Task.sleep(for: .seconds(60))
      }
    }
    try await withServer(routes) { port, server in
      let socket = try RawSocket(port: port)
      try await socket.send("GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
      _ = try await socket.read(until: "data: 1\n\n")
      let start = ContinuousClock().now
      await server.drain(within: .seconds(30))
      #expect(ContinuousClock().now - start < .seconds(15))
      #expect(try await socket.readToEnd().hasSuffix("0\r\n\r\n"))
    }
  }

  @Test("run returns after a drain, and a cancelled run stops the server")
  func run() async throws {
    for cancels in [false, true] {
      let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: echoRoutes())
      let port = try server.start()
      let task = Task { try await server.run() }
      #expect(try await get(port, "/now").status == 200)
      if cancels { task.cancel() } else { await server.drain(within: .seconds(5)) }
      try await task.value
      #expect(server.port == nil)
      #expect(throws: HTTPError.self) { try server.start() }
    }
  }
}

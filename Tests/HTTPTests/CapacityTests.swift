import Dispatch
import HTTP
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct CapacityTests {
  @Test("a thousand connections are served at once")
  func thousand() async throws {
    try await withServer(echoRoutes(), configure: set { $0.threads = 2 }) { port, server in
      var sockets: [RawSocket] = []
      for _ in 0..<1000 { sockets.append(try RawSocket(port: port)) }
      for socket in sockets { try await socket.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n") }
      for socket in sockets { #expect(try await socket.read(until: "hello").status == 200) }
      #expect(server.connectionCount == 1000)
    }
  }

  @Test("as many clients at one moment as the library looks at in one go are answered at once", arguments: [128, 256])
  func oneMoment(count: Int) async throws {
    let (isBusy, mayGoOn) = (Guarded(false), DispatchSemaphore(value: 0))
    var routes = Routes()
    routes.get("/hello") { _ in .text("hello") }
    // Holds the only thread, so that all of them wait when it looks again.
    routes.get("/hold") { _ in
      isBusy.with { $0 = true }
      mayGoOn.wait()
      return .text("held")
    }
    try await withServer(routes, configure: set { $0.threads = 1 }) { port, server in
      defer { mayGoOn.signal() }
      var sockets: [RawSocket] = []
      for _ in 0..<count { sockets.append(try RawSocket(port: port)) }
      for socket in sockets { try await socket.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n") }
      for socket in sockets { #expect(try await socket.read(until: "hello").status == 200) }
      let holder = try RawSocket(port: port)
      try await holder.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n")
      try await eventually("the thread is held") { isBusy.with { $0 } }
      for socket in sockets { try await socket.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n") }
      mayGoOn.signal()
      // Within the time of a socket: the library's is a minute.
      for socket in sockets { #expect(try await socket.read(until: "hello").status == 200) }
    }
  }

  @Test("over the limit of connections the next one waits until one goes")
  func limit() async throws {
    try await withServer(echoRoutes(), configure: set { $0.maxConnections = 2 }) { port, server in
      let first = try RawSocket(port: port)
      let second = try RawSocket(port: port)
      try await eventually("both are in") { server.connectionCount == 2 }
      let third = try RawSocket(port: port)
      try await third.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
      try await second.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
      _ = try await second.read(until: "now")
      #expect(server.connectionCount == 2)
      first.close()
      #expect(try await third.read(until: "now").status == 200)
    }
  }

  @Test("over the limit of one address connections are closed")
  func perAddress() async throws {
    try await withServer(echoRoutes(), configure: set { $0.maxConnectionsPerAddress = 2 }) { port, server in
      let kept = try [RawSocket(port: port), RawSocket(port: port)]
      try await eventually("both are in") { server.connectionCount == 2 }
      let third = try RawSocket(port: port)
      let end = try? await third.read()
      #expect(end?.isEmpty ?? true)
      for socket in kept {
        try await socket.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try await socket.read(until: "now").status == 200)
      }
    }
  }

  @Test("over the budget of bytes a request waits before its body, and goes on when there is room")
  func budget() async throws {
    let held = Shared<[HTTPExchange]>([])
    let reached = Shared(0)
    var routes = Routes()
    routes.on("POST", "/hold") { _ in
      reached.update { $0 += 1 }
      return .collect(limit: 1000) { _, _ in .later { exchange in held.update { $0.append(exchange) } } }
    }
    try await withServer(routes, configure: set { $0.bodyBytesInFlight = 1000 }) { port, _ in
      let body = String(repeating: "x", count: 600)
      let head = "POST /hold HTTP/1.1\r\nHost: test\r\nContent-Length: 600\r\n"
      let first = try RawSocket(port: port)
      try await first.send(head + "\r\n" + body)
      try await eventually("the first is in") { held.value.count == 1 }
      let second = try RawSocket(port: port)
      try await second.send(head + "Expect: 100-continue\r\n\r\n")
      try await eventually("the second has come") { reached.value == 2 }
      #expect(held.value.count == 1)
      held.value.first?.respond(.text("first"))
      _ = try await first.read(until: "first")
      #expect(try await second.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      try await second.send(body)
      try await eventually("the second is in") { held.value.count == 2 }
      held.value.last?.respond(.text("second"))
      _ = try await second.read(until: "second")
    }
  }

  @Test("requests that wait for room are answered when the server stops")
  func budgetAtStop() async throws {
    let reached = Shared(0)
    var routes = Routes()
    routes.on("POST", "/hold") { _ in
      reached.update { $0 += 1 }
      return .collect(limit: 1000) { _, _ in .later { _ in } }
    }
    try await withServer(routes, configure: set { $0.bodyBytesInFlight = 1000 }) { port, server in
      let sockets = try (0..<3).map { _ in try RawSocket(port: port) }
      for socket in sockets {
        try await socket.send(
          "POST /hold HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
      }
      try await eventually("all have come") { reached.value == 3 }
      await server.stop()
      for socket in sockets { #expect(try await socket.readToEnd().status == 503) }
    }
  }
}

import HTTP
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct DepartureTests {
  enum Farewell: CaseIterable { case close, reset }

  private func leave(_ socket: RawSocket, _ how: Farewell) {
    switch how {
    case .close: socket.close()
    case .reset: socket.reset()
    }
  }

  @Test("a client may leave before its headers end or in the middle of its body", arguments: Farewell.allCases)
  func early(how: Farewell) async throws {
    try await withServer(echoRoutes()) { port, server in
      for text in [
        "GET /now HT", "GET /now HTTP/1.1\r\nHost:", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nabc",
      ] {
        let socket = try RawSocket(port: port)
        try await socket.send(text)
        try await eventually("it is connected") { server.connectionCount == 1 }
        leave(socket, how)
        try await eventually("it is gone") { server.connectionCount == 0 }
      }
      #expect(try await get(port, "/now").bodyText == "now")
    }
  }

  @Test("a handler is cancelled when its client leaves", arguments: Farewell.allCases)
  func handler(how: Farewell) async throws {
    let state = Shared("")
    var routes = Routes()
    routes.get("/wait") { _ in
      state.update { $0 = "running" }
      do { try await Task.sleep(for: .seconds(60)) } catch {
        state.update { $0 = "cancelled" }
        throw error
      }
      return .empty()
    }
    try await withServer(routes) { port, server in
      let socket = try RawSocket(port: port)
      try await socket.send("GET /wait HTTP/1.1\r\nHost: test\r\n\r\n")
      try await eventually("it runs") { state.value == "running" }
      leave(socket, how)
      try await eventually("it is cancelled") { state.value == "cancelled" }
      try await eventually("the connection is gone") { server.connectionCount == 0 }
    }
  }

  @Test("an exchange knows that its client has left, and answering it does no harm", arguments: Farewell.allCases)
  func later(how: Farewell) async throws {
    let held = Shared<HTTPExchange?>(nil)
    var routes = Routes()
    routes.on("GET", "/later") { _ in
      .collect(limit: 0) { _, _ in .later { exchange in held.update { $0 = exchange } } }
    }
    try await withServer(routes) { port, server in
      let socket = try RawSocket(port: port)
      try await socket.send("GET /later HTTP/1.1\r\nHost: test\r\n\r\n")
      try await eventually("it waits") { held.value != nil }
      let exchange = try #require(held.value)
      #expect(!exchange.clientHasLeft)
      leave(socket, how)
      try await eventually("it is known") { exchange.clientHasLeft }
      exchange.respond(.text("too late"))
      try await eventually("the connection is gone") { server.connectionCount == 0 }
      #expect(exchange.clientHasLeft)
    }
  }

  @Test(
    "the writer of a stream is told when its client leaves, also when it has nothing to write",
    arguments: Farewell.allCases)
  func stream(how: Farewell) async throws {
    let state = Shared("")
    var routes = Routes()
    for path in ["/quiet", "/busy"] {
      routes.get(path) { _ in
        .events { writer in
          try await writer.write("data: 1\n\n")
          do {
            if path == "/quiet" { try await Task.sleep(for: .seconds(60)) }
            while true { try await writer.write("data: 2\n\n") }
          } catch {
            state.update {
              $0 = error is CancellationError || (error as? HTTPError)?.code == .clientLeft ? path : "\(error)"
            }
            throw error
          }
        }
      }
    }
    try await withServer(routes) { port, server in
      for path in ["/quiet", "/busy"] {
        let socket = try RawSocket(port: port)
        try await socket.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        _ = try await socket.read(until: "data: 1\n\n")
        leave(socket, how)
        try await eventually("the writer of \(path) is told") { state.value == path }
        try await eventually("the connection is gone") { server.connectionCount == 0 }
      }
    }
  }

  @Test("a client that has only finished sending still gets its answer")
  func halfClosed() async throws {
    try await withServer(echoRoutes()) { port, _ in
      for path in ["now", "hello"] {
        let socket = try RawSocket(port: port)
        try await socket.send("GET /\(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        socket.finishSending()
        #expect(try await socket.readToEnd().bodyText == path)
      }
    }
  }
}

import HTTP
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct FramingTests {
  @Test("Expect: 100-continue is answered when the body is wanted, and not when it is refused")
  func expectation() async throws {
    try await withServer(echoRoutes()) { port, _ in
      let wanted = try RawSocket(port: port)
      let head = "Host: test\r\nExpect: 100-continue\r\nContent-Length:"
      try await wanted.send("POST /echo HTTP/1.1\r\n\(head) 5\r\n\r\n")
      #expect(try await wanted.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      try await wanted.send("hello")
      #expect(try await wanted.read(until: "hello").status == 200)

      let refused = try RawSocket(port: port)
      try await refused.send("POST /echo HTTP/1.1\r\n\(head) 100001\r\n\r\n")
      let answer = try await refused.readToEnd()
      #expect(answer.status == 413)
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test("a declared length over the limit is refused before the body, and its sender gets the answer, not a reset")
  func tooLarge() async throws {
    try await withServer(echoRoutes()) { port, _ in
      let socket = try RawSocket(port: port)
      try await socket.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 500000\r\n\r\n")
      // All of it is on its way before the answer is looked at.
      try await socket.send([UInt8](repeating: 65, count: 500_000))
      let answer = try await socket.readToEnd()
      #expect(answer.status == 413)
      #expect(answer.contains(#""limit":100000"#))
    }
  }

  @Test("a chunked body that grows over the limit is refused, and its sender gets the answer")
  func growsTooLarge() async throws {
    try await withServer(echoRoutes()) { port, _ in
      let socket = try RawSocket(port: port)
      try await socket.send("POST /sync HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = "4e20\r\n" + String(repeating: "x", count: 20_000) + "\r\n"
      for _ in 0..<10 { try await socket.send(chunk) }
      let answer = try await socket.readToEnd()
      #expect(answer.status == 413)
      #expect(answer.contains("application/problem+json"))
    }
  }

  @Test("headers over the memory of a connection are refused with 431, and the connection closes")
  func largeHeaders() async throws {
    try await withServer(echoRoutes(), configure: set { $0.connectionMemory = 16 * 1024 }) { port, _ in
      let answer = try await exchange(
        port, "GET /now HTTP/1.1\r\nHost: test\r\nX-Large: \(String(repeating: "x", count: 64 * 1024))\r\n\r\n")
      #expect(answer.status == 431)
    }
  }

  @Test(
    "lengths in conflict are refused and the connection closes, so that nothing can hide behind them",
    arguments: [
      "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding: gzip", "Content-Length: abc",
      "Content-Length: -1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
      "Content-Length: 99999999999999999999999", "Content-Length : 5",
    ])
  func conflict(headers: String) async throws {
    try await withServer(echoRoutes()) { port, _ in
      let answer = try await exchange(
        port, "POST /echo HTTP/1.1\r\nHost: test\r\n\(headers)\r\n\r\n0\r\n\r\nGET /now HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect([400, 413].contains(answer.status), "\(answer)")
      #expect(!answer.contains("\r\n\r\nnow"))
    }
  }

  @Test(
    "what is no request is refused or dropped, and the server goes on",
    arguments: [
      "nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    ])
  func nonsense(text: String) async throws {
    try await withServer(echoRoutes(), configure: set { $0.headerTimeout = .seconds(1) }) { port, _ in
      let answer = try await exchange(port, text)
      #expect(answer.isEmpty || (400..<600).contains(answer.status ?? 0), "\(answer)")
      #expect(try await get(port, "/now").bodyText == "now")
    }
  }

  @Test("a refusal without a body keeps the connection")
  func keepsOpen() async throws {
    var routes = Routes()
    routes.on("GET", "/no") { _ in .refuse(.text("no", status: 401)) }
    try await withServer(routes) { port, _ in
      let socket = try RawSocket(port: port)
      for _ in 0..<3 {
        try await socket.send("GET /no HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try await socket.read(until: "\r\n\r\nno").status == 401)
      }
    }
  }
}

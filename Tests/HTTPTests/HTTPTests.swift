import HTTP
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct ServerBasicsTests {
  @Test("handlers of both kinds answer, and the connection stays open between requests")
  func answers() async throws {
    try await withServer(echoRoutes()) { port, _ in
      let socket = try RawSocket(port: port)
      for _ in 0..<3 {
        for path in ["now", "hello"] {
          try await socket.send("GET /\(path) HTTP/1.1\r\nHost: test\r\n\r\n")
          #expect(try await socket.read(until: "\r\n\r\n\(path)").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
      }
    }
  }

  @Test("a body comes back whole", arguments: ["/echo", "/sync"])
  func body(path: String) async throws {
    try await withServer(echoRoutes()) { port, _ in
      let text = String(repeating: "0123456789", count: 9_000)
      let answer = try await exchange(
        port,
        "POST \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
      #expect(answer.status == 200)
      #expect(answer.bodyText == text)
    }
  }
}

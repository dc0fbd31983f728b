import HTTP
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct SlowClientTests {
  private func impatient(_ configuration: inout HTTPServerConfiguration) {
    configuration.headerTimeout = .milliseconds(400)
    // Far from what either client does, however busy the machine is.
    configuration.minimumBodyRate = 1_000
  }

  /// Sends one byte each 20 ms until the server has cut the connection.
  private func trickle(_ socket: RawSocket) async throws {
    try await eventually("the client is cut off") {
      do {
        try await socket.send("x")
        return false
      } catch { return true }
    }
  }

  @Test("a client that trickles its headers is cut off by the deadline")
  func headers() async throws {
    try await withServer(echoRoutes(), configure: impatient) { port, _ in
      let first = try RawSocket(port: port)
      try await first.send("GET /now HTTP/1.1\r\nHost: test\r\nX-Slow: ")
      try await trickle(first)
      let line = try RawSocket(port: port)
      try await line.send("GET /")
      try await trickle(line)
    }
  }

  @Test("a client that trickles its body is cut off, one that keeps the rate is not")
  func body() async throws {
    try await withServer(echoRoutes(), configure: impatient) { port, _ in
      let slow = try RawSocket(port: port)
      try await slow.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 90000\r\n\r\n")
      try await trickle(slow)

      let steady = try RawSocket(port: port)
      try await steady.send(
        "POST /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 90000\r\n\r\n")
      let start = ContinuousClock().now
      var sent = 0
      try await eventually("the body is sent") {
        try await steady.send([UInt8](repeating: 65, count: 2000))
        sent += 2000
        return sent == 90_000
      }
      #expect(ContinuousClock().now - start > .milliseconds(400), "too fast to prove anything")
      #expect(try await steady.readToEnd().bodyText.utf8.count == 90_000)
    }
  }

  @Test("a client that stops reading holds its writer back, and reads on where it stopped")
  func stopsReading() async throws {
    let written = Shared(0)
    let total = 64 << 20
    var routes = Routes()
    routes.get("/stream") { _ in
      HTTPResponse(
        body: .stream { writer in
          let piece = [UInt8](repeating: 65, count: 1 << 16)
          for _ in 0..<(total >> 16) {
            try await writer.write(piece)
            written.update { $0 += piece.count }
          }
        })
    }
    try await withServer(routes) { port, _ in
      let socket = try RawSocket(port: port, receiveBuffer: 32 * 1024)
      try await socket.send("GET /stream HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
      var last = -1
      var same = 0
      try await eventually("the writer stands still") {
        same = written.value == last && last > 0 ? same + 1 : 0
        last = written.value
        return same > 10
      }
      #expect(written.value < 16 << 20)
      var read = 0
      while true {
        let more = try await socket.read(upTo: 1 << 20)
        if more.isEmpty { break }
        read += more.count
      }
      #expect(read > total)
      #expect(written.value == total)
    }
  }

  @Test("a client that never reads again is cut off after the idle timeout, and its writer is told")
  func neverReads() async throws {
    let outcome = Shared<HTTPError.Code?>(nil)
    var routes = Routes()
    routes.get("/stream") { _ in
      HTTPResponse(
        body: .stream { writer in
          do {
            while true { try await writer.write([UInt8](repeating: 65, count: 1 << 16)) }
          } catch let error as HTTPError { outcome.update { $0 = error.code } }
        })
    }
    try await withServer(routes, configure: set { $0.idleTimeout = .seconds(1) }) { port, _ in
      let socket = try RawSocket(port: port, receiveBuffer: 32 * 1024)
      try await socket.send("GET /stream HTTP/1.1\r\nHost: test\r\n\r\n")
      try await eventually("the writer is told") { outcome.value == .clientLeft }
    }
  }

  @Test("an idle connection is closed, also between requests")
  func idle() async throws {
    try await withServer(echoRoutes(), configure: set { $0.idleTimeout = .seconds(1) }) { port, server in
      let socket = try RawSocket(port: port)
      try await socket.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(try await socket.readToEnd().bodyText == "now")
      try await eventually("it is gone") { server.connectionCount == 0 }
    }
  }
}

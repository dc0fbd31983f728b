import Streams
import TestKit
import Testing

@Suite struct ServingTests {
  @Test("bytes that come one at a time make whole lines", .timeLimit(.minutes(1)))
  func oneAtATime() async throws {
    try await withServer { port, _, record in
      let socket = try RawSocket(port: port)
      for byte in "hello\nworld\n".utf8 { try await socket.send([byte]) }
      #expect(try await socket.read(until: "world\n") == "hello\nworld\n")
      #expect(record.consumed == "hello\nworld\n")
    }
  }

  @Test("what a handler does not consume is given again with what comes next", .timeLimit(.minutes(1)))
  func keepsTheRest() async throws {
    try await withServer { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("first\nsec")
      #expect(try await socket.read(until: "\n") == "first\n")
      try await eventually("the rest is held") { server.statistics.unreadBytes == 3 }
      try await socket.send("ond\n")
      #expect(try await socket.read(until: "\n") == "second\n")
      #expect(server.statistics.unreadBytes == 0)
      #expect(record.consumed == "first\nsecond\n")
    }
  }

  @Test("a message of many reads arrives whole", .timeLimit(.minutes(1)))
  func large() async throws {
    try await withServer { port, _, _ in
      let socket = try RawSocket(port: port)
      let text = String(repeating: "0123456789abcdef", count: 1 << 13) + "\n"
      try await socket.send(text)
      #expect(try await socket.read(exactly: text.utf8.count) == Array(text.utf8))
    }
  }

  @Test("a client that ends its side still gets its answer, and the handler gets the rest", .timeLimit(.minutes(1)))
  func halfClose() async throws {
    try await withServer { port, _, record in
      let socket = try RawSocket(port: port)
      try await socket.send("question\ntail")
      socket.finishSending()
      #expect(try await socket.readToEnd() == "question\nbye\n")
      try await eventually("the handler is told") { record.now.reasons == [.finished] }
      #expect(record.now.ended == 1)
      #expect(record.now.rest == Array("tail".utf8))
    }
  }

  @Test("closing after sending sends everything first", .timeLimit(.minutes(1)))
  func closeAfterSending() async throws {
    try await withServer { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("answer\nquit\nnever read\n")
      #expect(try await socket.readToEnd() == "answer\n")
      socket.close()
      try await eventually("nothing is left open") { server.statistics.open == 0 }
      #expect(record.now.reasons == [.finished])
    }
  }

  @Test("closing at once does not wait for what was to be sent", .timeLimit(.minutes(1)))
  func cut() async throws {
    try await withServer { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("cut\n")
      #expect(try await socket.readToEnd() == "")
      try await eventually("nothing is left open") { server.statistics.open == 0 }
      #expect(record.now.reasons == [.finished])
    }
  }

  @Test("a timer calls the handler back on its own thread", .timeLimit(.minutes(1)))
  func timer() async throws {
    try await withServer { port, _, _ in
      let socket = try RawSocket(port: port)
      try await socket.send("later\n")
      #expect(try await socket.read(until: "\n") == "late\n")
    }
  }

  @Test("a handler that expects a number of bytes is not called before they are there", .timeLimit(.minutes(1)))
  func expectation() async throws {
    try await withServer { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("wait ten\n")
      try await eventually("the line is consumed") { record.consumed == "wait ten\n" }
      for count in 1...9 {
        try await socket.send("a")
        try await eventually("the byte has come") { server.statistics.unreadBytes == count }
      }
      #expect(record.now.calls == 1)
      try await socket.send("\n")
      #expect(try await socket.read(until: "\n") == "aaaaaaaaa\n")
      #expect(record.now.calls == 2)
    }
  }

  @Test("threads of others may send, and their order is kept", .timeLimit(.minutes(1)))
  func sendFromElsewhere() async throws {
    try await withServer { port, _, record in
      let socket = try RawSocket(port: port)
      try await eventually("the connection is open") { !record.now.connections.isEmpty }
      let connection = try #require(record.now.connections.first)
      for number in 0..<1000 { #expect(connection.send(Array("\(number)\n".utf8))) }
      connection.perform(as: LineHandler.self) { $0.connection.send(Array("end\n".utf8)) }
      let expected = (0..<1000).map { "\($0)\n" }.joined() + "end\n"
      #expect(try await socket.read(until: "end\n") == expected)
      #expect(connection.peerHost == "127.0.0.1")
      #expect(!connection.isTLS)
    }
  }

  @Test("sending to a connection that is over takes nothing and harms nobody", .timeLimit(.minutes(1)))
  func sendAfterTheEnd() async throws {
    try await withServer { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("cut\n")
      _ = try await socket.readToEnd()
      try await eventually("it is closed") { server.statistics.open == 0 }
      let connection = try #require(record.now.connections.first)
      #expect(!connection.send([1, 2, 3]))
      connection.pauseReading()
      connection.resumeReading()
      connection.close(afterSending: true)
      connection.perform(as: LineHandler.self) { _ in Issue.record("called after the end") }
      // Another one is served on the same thread after all that.
      let other = try RawSocket(port: port)
      try await other.send("still here\n")
      #expect(try await other.read(until: "\n") == "still here\n")
      #expect(record.now.reasons == [.finished])
    }
  }

  @Test("a thousand connections on two threads are served", .timeLimit(.minutes(1)))
  func thousand() async throws {
    try await withServer {
      $0.threads = 2
    } run: { port, server, record in
      var sockets: [RawSocket] = []
      for _ in 0..<1000 { sockets.append(try RawSocket(port: port)) }
      try await eventually("all are open") { server.statistics.open == 1000 }
      for (number, socket) in sockets.enumerated() { try await socket.send("number \(number)\n") }
      for (number, socket) in sockets.enumerated() {
        #expect(try await socket.read(until: "\n") == "number \(number)\n")
      }
      for socket in sockets { socket.close() }
      try await eventually("all are closed") { server.statistics.open == 0 }
      #expect(record.now.reasons.count == 1000)
      #expect(server.statistics.accepted == 1000)
    }
  }
}

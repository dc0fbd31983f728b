import Glibc
import Streams
import TestKit
import Testing

@Suite struct LimitTests {
  @Test("a client that takes none of its answers is cut after a while", .timeLimit(.minutes(1)))
  func outputTimeout() async throws {
    try await withServer {
      $0.outputBytes = 64 << 20
      $0.outputTimeout = .milliseconds(300)
    } run: { port, _, record in
      let socket = try RawSocket(port: port, receiveBuffer: 4096)
      try await socket.send("flood\n")
      try await eventually("it is cut") { record.now.reasons == [.outputTimeout] }
      socket.close()
    }
  }

  @Test("a client that lets too much wait is cut at once", .timeLimit(.minutes(1)))
  func outputOverflow() async throws {
    try await withServer {
      $0.outputBytes = 1 << 20
    } run: { port, _, record in
      let socket = try RawSocket(port: port, receiveBuffer: 4096)
      try await socket.send("flood\n")
      try await eventually("it is cut") { record.now.reasons == [.outputOverflow] }
    }
  }

  @Test("a client that reads gets all of what was to be sent before the end", .timeLimit(.minutes(1)))
  func reader() async throws {
    try await withServer {
      $0.outputBytes = 64 << 20
      $0.outputTimeout = .seconds(10)
    } run: { port, _, record in
      let socket = try RawSocket(port: port, receiveBuffer: 65536)
      try await socket.send("flood\nquit\n")
      #expect(try await socket.read(exactly: 16 << 20).count == 16 << 20)
      #expect(try await socket.read() == [])
      try await eventually("the handler is told") { record.now.reasons == [.finished] }
    }
  }

  @Test("a client that never says a word is cut", .timeLimit(.minutes(1)))
  func firstByte() async throws {
    try await withServer {
      $0.handshakeTimeout = .milliseconds(100)
    } run: { port, _, record in
      let socket = try RawSocket(port: port)
      #expect(try await socket.readToEnd() == "")
      try await eventually("the handler is told") { record.now.reasons == [.handshakeTimeout] }
    }
  }

  @Test("a client that falls silent is cut", .timeLimit(.minutes(1)))
  func idle() async throws {
    try await withServer {
      $0.idleTimeout = .milliseconds(200)
      $0.handshakeTimeout = .seconds(50)
    } run: { port, _, record in
      let socket = try RawSocket(port: port)
      try await socket.send("half a li")
      #expect(try await socket.readToEnd() == "")
      try await eventually("the handler is told") { record.now.reasons == [.idle] }
    }
  }

  @Test("a connection that the handler paused is not idle", .timeLimit(.minutes(1)))
  func pausedIsNotIdle() async throws {
    try await withServer(LineHandler.Style(pauses: .untilTold)) {
      $0.idleTimeout = .milliseconds(500)
    } run: { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("one\n")
      #expect(try await socket.read(until: "\n") == "one\n")
      // Another connection's life measures the time.
      for _ in 0..<3 {
        let other = try RawSocket(port: port)
        try await other.send("half")
        #expect(try await other.readToEnd() == "")
      }
      #expect(server.statistics.open == 1)
      #expect(record.now.reasons == [.idle, .idle, .idle])
    }
  }

  @Test("a paused connection reads nothing, and goes on where it was", .timeLimit(.minutes(1)))
  func pausing() async throws {
    let style = LineHandler.Style(pauses: .untilTold)
    try await withServer(style) {
      $0.inputBytes = 256 << 10
    } run: { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("pending\n")
      try await eventually("it is paused") { record.consumed == "pending\n" }
      let line = "pending" + String(repeating: ".", count: 4000) + "\n"
      let block = [UInt8](String(repeating: line, count: 16).utf8)
      var sent = 0
      // Until the kernel takes no more for a whole round.
      try await eventually("sending blocks") {
        let before = sent
        while true {
          let at = sent % block.count
          let count = block[at...].withUnsafeBytes { send(socket.descriptor, $0.baseAddress, $0.count, 0x40) }
          if count <= 0 { break }
          sent += count
        }
        return sent == before
      }
      #expect(sent > 0)
      #expect(server.statistics.unreadBytes < 64 << 10)
      #expect(record.consumed == "pending\n")
      let connection = try #require(record.now.connections.first)
      connection.perform(as: LineHandler.self) { handler in
        handler.style.pauses = .never
        handler.connection.resumeReading()
      }
      let total = sent
      try await eventually("all is read") { record.now.consumed.count + server.statistics.unreadBytes == 8 + total }
    }
  }

  @Test("bytes that were left at a pause are given again when it ends", .timeLimit(.minutes(1)))
  func resuming() async throws {
    try await withServer(LineHandler.Style(pauses: .briefly)) { port, _, _ in
      let socket = try RawSocket(port: port)
      let text = (0..<50).map { "line \($0)\n" }.joined()
      try await socket.send(text)
      #expect(try await socket.read(until: "line 49\n") == text)
    }
  }

  @Test("the farewell of a client is not lost in a pause", .timeLimit(.minutes(1)))
  func farewellInPause() async throws {
    try await withServer(LineHandler.Style(pauses: .briefly)) { port, _, record in
      let socket = try RawSocket(port: port)
      try await socket.send("a\nb\nc\nd\ntail")
      socket.finishSending()
      #expect(try await socket.readToEnd() == "a\nb\nc\nd\nbye\n")
      #expect(record.now.rest == Array("tail".utf8))
    }
  }

  @Test("a paused connection that was reset is closed without being read", .timeLimit(.minutes(1)))
  func resetInPause() async throws {
    try await withServer(LineHandler.Style(pauses: .untilTold)) { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("pending\n")
      try await eventually("it is paused") { record.consumed == "pending\n" }
      socket.reset()
      try await eventually("it is closed") { server.statistics.open == 0 }
      #expect(record.now.reasons == [.clientLost])
    }
  }

  @Test("a message that is larger than a connection may hold is cut", .timeLimit(.minutes(1)))
  func inputOverflow() async throws {
    try await withServer {
      $0.inputBytes = 64 << 10
    } run: { port, server, record in
      let socket = try RawSocket(port: port)
      // It may be cut before all is sent.
      try? await socket.send([UInt8](repeating: UInt8(ascii: "x"), count: 200 << 10))
      try await eventually("it is cut") { record.now.reasons == [.inputOverflow] }
      #expect(server.statistics.unreadBytes == 0)
    }
  }

  @Test("one connection too many is closed and counted, and there is room again later", .timeLimit(.minutes(1)))
  func connectionLimit() async throws {
    try await withServer {
      $0.maximumConnections = 2
    } run: { port, server, _ in
      let first = try RawSocket(port: port)
      let second = try RawSocket(port: port)
      try await eventually("two are open") { server.statistics.open == 2 }
      let third = try RawSocket(port: port)
      #expect(try await third.readToEnd() == "")
      #expect(server.statistics.refused == 1)
      first.reset()
      try await eventually("one has left") { server.statistics.open == 1 }
      let fourth = try RawSocket(port: port)
      try await fourth.send("hello\n")
      #expect(try await fourth.read(until: "\n") == "hello\n")
      try await second.send("me too\n")
      #expect(try await second.read(until: "\n") == "me too\n")
      #expect(server.statistics.accepted == 3)
    }
  }

  @Test("messages that do not fit all at once come through one after the other", .timeLimit(.minutes(1)))
  func inputInAll() async throws {
    try await withServer {
      $0.inputBytesInAll = 256 << 10
      $0.inputBytes = 512 << 10
      $0.threads = 2
    } run: { port, server, record in
      let length = 300 << 10
      let highest = Guarded(0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask {
            let socket = try RawSocket(port: port, timeout: 30)
            // Small steps, so that all are begun when the first is whole.
            for _ in 0..<30 {
              try await socket.send([UInt8](repeating: UInt8(ascii: "0") + UInt8(number), count: length / 30))
              let used = server.statistics.unreadBytes
              highest.with { $0 = max($0, used) }
            }
            try await socket.send("\n")
            #expect(try await socket.read(exactly: length + 1).last == UInt8(ascii: "\n"))
          }
        }
        try await group.waitForAll()
      }
      // The bound, one connection's turn, and a read for each.
      #expect(highest.with { $0 } <= (256 + 300 + 8 * 24) << 10)
      try await eventually("nothing is held") { server.statistics.unreadBytes == 0 }
      #expect(!record.now.reasons.contains(.inputShortage))
    }
  }

  @Test("one that does not end its message in its turn is cut for the others", .timeLimit(.minutes(1)))
  func inputShortage() async throws {
    try await withServer {
      $0.inputBytesInAll = 64 << 10
      $0.inputBytes = 512 << 10
    } run: { port, server, record in
      let stuck = try RawSocket(port: port)
      try await stuck.send([UInt8](repeating: UInt8(ascii: "s"), count: 100 << 10))
      try await eventually("it holds more than there is") { server.statistics.unreadBytes == 100 << 10 }
      let other = try RawSocket(port: port, timeout: 30)
      let message = String(repeating: "o", count: 100 << 10) + "\n"
      try await other.send(message)
      #expect(try await other.read(exactly: message.utf8.count) == Array(message.utf8))
      #expect(record.now.reasons == [.inputShortage])
    }
  }

  @Test("small messages pass while memory is short", .timeLimit(.minutes(1)))
  func smallOnesPass() async throws {
    try await withServer {
      $0.inputBytesInAll = 64 << 10
      $0.inputBytes = 512 << 10
    } run: { port, server, record in
      let stuck = try RawSocket(port: port)
      try await stuck.send([UInt8](repeating: UInt8(ascii: "s"), count: 100 << 10))
      try await eventually("it holds more than there is") { server.statistics.unreadBytes == 100 << 10 }
      let other = try RawSocket(port: port)
      for number in 0..<5 {
        try await other.send("\(number)\n")
        #expect(try await other.read(until: "\n") == "\(number)\n")
      }
      #expect(record.now.reasons == [])
    }
  }
}

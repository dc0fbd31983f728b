import Streams
import TestKit
import Testing

@Suite struct StoppingTests {
  @Test("a drain lets a pending answer out", .timeLimit(.minutes(1)))
  func drainAnswers() async throws {
    try await withServer(LineHandler.Style(drains: .withAnswer)) { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("pending\n")
      try await eventually("it is pending") { record.consumed == "pending\n" }
      async let drained: Void = server.drain(within: .seconds(20))
      #expect(try await socket.readToEnd() == "done\n")
      socket.close()
      await drained
      #expect(record.now.drained == 1)
      #expect(record.now.reasons == [.finished])
      #expect(throws: RawSocket.Failure.self) { try RawSocket(port: port) }
    }
  }

  @Test("a handler that does not end is cut at the deadline", .timeLimit(.minutes(1)))
  func deadline() async throws {
    try await withServer(LineHandler.Style(drains: .never)) { port, server, record in
      let socket = try RawSocket(port: port)
      try await socket.send("pending\n")
      try await eventually("it is pending") { record.consumed == "pending\n" }
      await server.drain(within: .milliseconds(100))
      #expect(record.now.drained == 1)
      #expect(record.now.reasons == [.serverStopped])
      #expect(try await socket.readToEnd() == "")
    }
  }

  @Test("stopping under load tells every handler once", .timeLimit(.minutes(1)))
  func underLoad() async throws {
    try await withServer {
      $0.threads = 2
    } run: { port, server, record in
      let isOver = Guarded(false)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<30 {
          group.addTask {
            while !isOver.with({ $0 }), let socket = try? RawSocket(port: port) {
              for _ in 0..<20 {
                guard (try? await socket.send("hello\n")) != nil, (try? await socket.read()) != [] else { break }
              }
            }
          }
        }
        try? await eventually("there is load") { server.statistics.accepted > 300 }
        await server.stop()
        // Not until connecting fails: the port may soon be another server's.
        isOver.with { $0 = true }
        await group.waitForAll()
      }
      #expect(record.now.connections.count > 300)
      #expect(record.now.reasons.count == record.now.connections.count)
    }
  }

  @Test("a server starts again on the port of one that was stopped with clients", .timeLimit(.minutes(1)))
  func restart() async throws {
    try await withServer { port, server, _ in
      let socket = try RawSocket(port: port)
      try await socket.send("one\n")
      #expect(try await socket.read(until: "\n") == "one\n")
      await server.stop()
      try await withServer {
        $0.address = "127.0.0.1:\(port)"
      } run: { again, _, _ in
        #expect(again == port)
        let other = try RawSocket(port: port)
        try await other.send("two\n")
        #expect(try await other.read(until: "\n") == "two\n")
      }
    }
  }

  @Test("stopping twice, or what never ran, returns", .timeLimit(.minutes(1)))
  func twice() async throws {
    let idle = StreamServer(StreamServerConfiguration(address: "127.0.0.1:0")) { LineHandler($0, Record(), .init()) }
    await idle.stop()
    #expect(idle.port == nil)
    try await withServer { _, server, _ in
      async let one: Void = server.stop()
      async let two: Void = server.stop()
      _ = await (one, two)
      #expect(server.port == nil)
      #expect(server.statistics == StreamStatistics())
    }
  }

  @Test("cancelling the task that runs a server stops it", .timeLimit(.minutes(1)))
  func cancel() async throws {
    try await withServer { port, server, _ in
      let run = Task { try await server.run() }
      run.cancel()
      try await run.value
      #expect(server.port == nil)
      #expect(throws: RawSocket.Failure.self) { try RawSocket(port: port) }
    }
  }

  @Test("an address that is taken is told with its remedy", .timeLimit(.minutes(1)))
  func addressInUse() async throws {
    try await withServer { port, _, _ in
      let other = StreamServer(StreamServerConfiguration(address: "127.0.0.1:\(port)")) {
        LineHandler($0, Record(), .init())
      }
      let error = #expect(throws: StreamError.self) { try other.start() }
      #expect(error?.code == .cannotListen)
      #expect(error?.detail.contains("127.0.0.1:\(port)") == true)
      #expect(error?.detail.contains("choose another port") == true)
    }
  }

  @Test("what is no address is refused", arguments: ["24224", "localhost:fluent", "127.0.0.1:70000", "no host:1"])
  func invalidAddress(address: String) throws {
    let server = StreamServer(StreamServerConfiguration(address: address)) { LineHandler($0, Record(), .init()) }
    let error = #expect(throws: StreamError.self) { try server.start() }
    #expect(error?.code == .invalidAddress)
  }

  @Test(
    "a client may leave at any time, with or without a farewell", .timeLimit(.minutes(1)), arguments: [true, false])
  func departures(withReset: Bool) async throws {
    try await withServer { port, server, record in
      for text in ["", "half", "whole\n", "flood\n", "pending\n", "later\n"] {
        let socket = try RawSocket(port: port, receiveBuffer: 4096)
        if !text.isEmpty { try await socket.send(text) }
        if withReset { socket.reset() } else { socket.close() }
      }
      try await eventually("all are closed") { server.statistics.open == 0 && server.statistics.accepted == 6 }
      #expect(record.now.reasons.count == 6)
      #expect(server.statistics.unreadBytes == 0)
    }
  }
}

import Curl
import Synchronization
import TestKit
import Testing

@Suite("CurlClient.stream", .timeLimit(.minutes(1)))
struct CurlStreamTests {
  @Test("chunks arrive while the answer is still under way")
  func chunks() async throws {
    let (received, signal) = AsyncStream.makeStream(of: Void.self)
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
      connection.send("4\r\none\n\r\n")
      connection.waitForClose()
    }
    let text = Mutex("")
    let head = Mutex<CurlResponse?>(nil)
    let url = server.url
    let task = Task {
      try await CurlClient().stream(
        CurlRequest("GET", url, timeout: nil),
        onHead: { response in
          head.withLock { $0 = response }
          return true
        },
        onChunk: { chunk in
          text.withLock { $0 += String(decoding: chunk, as: UTF8.self) }
          signal.yield()
          return true
        })
    }
    _ = await received.first { _ in true }
    #expect(text.withLock { $0 } == "one\n")
    #expect(head.withLock { $0 }?[header: "content-type"] == "application/x-ndjson")
    task.cancel()
    let error = await #expect(throws: CurlError.self) { try await task.value }
    #expect(error?.code == .aborted)
    #expect(server.connections == 1)
  }

  @Test("a callback that returns false ends the stream without an error")
  func ended() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while connection.send("2\r\nx\n\r\n") {}
    }
    let response = try await CurlClient().stream(CurlRequest("GET", server.url, timeout: nil)) { _ in false }
    #expect(response.status == 200)
    #expect(response.body == [])
  }

  @Test("a head that is not wanted ends the stream before its first chunk")
  func unwantedHead() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.answer("unwanted")
    }
    let chunks = Atomic(0)
    let response = try await CurlClient().stream(
      CurlRequest("GET", server.url), onHead: { _ in false },
      onChunk: { _ in
        chunks.add(1, ordering: .relaxed)
        return true
      })
    #expect(response.status == 200)
    #expect(chunks.load(ordering: .relaxed) == 0)
  }

  @Test("the body of a refusal is in the response, not in the chunks")
  func refusal() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.answer("not yours", status: "403 Forbidden")
    }
    let chunks = Atomic(0)
    let response = try await CurlClient().stream(CurlRequest("GET", server.url)) { _ in
      chunks.add(1, ordering: .relaxed)
      return true
    }
    #expect(response.status == 403)
    #expect(response.text == "not yours")
    #expect(chunks.load(ordering: .relaxed) == 0)
  }

  @Test("a stream that falls silent for longer than the idle timeout fails")
  func idle() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nx\n\r\n")
      connection.waitForClose()
    }
    let error = await #expect(throws: CurlError.self) {
      try await CurlClient().stream(
        CurlRequest("GET", server.url, timeout: nil, idleTimeout: .milliseconds(500))
      ) { _ in true }
    }
    #expect(error?.code == .timeout)
    #expect(server.connections == 1)
  }
}

import Curl
import Synchronization
import TestKit
import Testing

@Suite("CurlClient", .timeLimit(.minutes(1)))
struct CurlClientTests {
  @Test("sends method, headers and body as given, and reads status, headers and body")
  func roundTrip() async throws {
    let seen = Mutex<RawConnection.Request?>(nil)
    let server = RawServer { connection in
      let request = connection.readRequest()
      seen.withLock { $0 = request }
      connection.answer("made", status: "201 Created", headers: "X-Colour: red\r\nx-colour: blue\r\nEmpty:\r\n")
    }
    var request = CurlRequest("PUT", "\(server.url)/a%20b?c=d", headers: [("X-One", "1"), ("X-Empty", "")])
    request.body = Array("hello".utf8)
    request.authorize(user: "user", password: "pass")
    let response = try await CurlClient().perform(request)
    #expect(response.status == 201)
    #expect(response.isSuccess)
    #expect(response.text == "made")
    #expect(response[header: "X-COLOUR"] == "red")
    #expect(response[header: "empty"] == "")
    #expect(response[header: "absent"] == nil)
    let sent = try #require(seen.withLock { $0 })
    #expect(sent.line == "PUT /a%20b?c=d HTTP/1.1")
    #expect(sent.body == Array("hello".utf8))
    #expect(sent.headers.contains("\r\nX-One: 1\r\n"))
    #expect(sent.headers.contains("\r\nX-Empty:\r\n"))
    #expect(sent.headers.contains("\r\nAuthorization: Basic dXNlcjpwYXNz"))
    #expect(!sent.headers.lowercased().contains("expect:"))
    #expect(!sent.headers.lowercased().contains("content-type:"))
    #expect(!sent.headers.lowercased().contains("accept-encoding:"))
  }

  @Test("requests after the first use the same connection")
  func keepAlive() async throws {
    let server = RawServer { connection in
      while let request = connection.readRequest() { connection.answer(request.line) }
    }
    let client = CurlClient()
    for number in 0..<5 {
      let response = try await client.perform(CurlRequest("GET", "\(server.url)/\(number)"))
      #expect(response.text == "GET /\(number) HTTP/1.1")
    }
    #expect(server.connections == 1)
  }

  @Test("options of one request do not leak into the next")
  func noLeaks() async throws {
    let server = RawServer { connection in
      while let request = connection.readRequest() { connection.answer(request.headers) }
    }
    let client = CurlClient()
    _ = try await client.perform(CurlRequest("DELETE", server.url, headers: [("X-One", "1")], body: [65]))
    let response = try await client.perform(CurlRequest("GET", "\(server.url)/"))
    #expect(response.text.hasPrefix("GET / HTTP/1.1\r\n"))
    #expect(!response.text.contains("X-One"))
    #expect(!response.text.contains("Content-Length"))
  }

  @Test("a POST without a body has length zero")
  func emptyPost() async throws {
    let server = RawServer { connection in
      while let request = connection.readRequest() { connection.answer(request.headers) }
    }
    let response = try await CurlClient().perform(CurlRequest("POST", server.url))
    #expect(response.text.contains("\r\nContent-Length: 0"))
  }

  @Test("HEAD does not wait for the body that its length announces")
  func head() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
      connection.waitForClose()
    }
    let response = try await CurlClient().perform(CurlRequest("HEAD", server.url))
    #expect(response.body == [])
    #expect(response[header: "content-length"] == "100")
  }

  @Test("a server that never answers is a timeout, and the request may have been sent")
  func silence() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.waitForClose()
    }
    let error = await #expect(throws: CurlError.self) {
      try await CurlClient().perform(CurlRequest("GET", "\(server.url)/?secret=1", timeout: .milliseconds(150)))
    }
    #expect(error?.code == .timeout)
    #expect(error?.disposition == .retry)
    #expect(error?.requestMayHaveBeenSent == true)
    #expect(error?.detail.contains("secret") == false)
    #expect(error?.detail.contains(server.url) == true)
  }

  @Test("a refused connection is certain not to have been sent")
  func refused() async throws {
    let port = RawServer.refusingPort()
    let error = await #expect(throws: CurlError.self) {
      try await CurlClient().perform(CurlRequest("GET", "http://127.0.0.1:\(port)/"))
    }
    #expect(error?.code == .connect)
    #expect(error?.disposition == .retry)
    #expect(error?.requestMayHaveBeenSent == false)
  }

  @Test("an unknown host is a failure to resolve")
  func unknownHost() async throws {
    let error = await #expect(throws: CurlError.self) {
      try await CurlClient().perform(CurlRequest("GET", "http://nowhere.invalid/"))
    }
    #expect(error?.code == .resolve)
    #expect(error?.requestMayHaveBeenSent == false)
  }

  @Test("an answer that trickles past the limit is refused while it still trickles")
  func tooLarge() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while connection.send("10\r\n0123456789abcdef\r\n") {}
    }
    let error = await #expect(throws: CurlError.self) {
      try await CurlClient().perform(CurlRequest("GET", server.url, maxResponseBytes: 1000))
    }
    #expect(error?.code == .tooLarge)
    #expect(error?.disposition == .reject)
  }

  @Test("an answer of exactly the limit is taken")
  func exactlyTheLimit() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.answer(String(repeating: "x", count: 1000))
    }
    let response = try await CurlClient().perform(CurlRequest("GET", server.url, maxResponseBytes: 1000))
    #expect(response.body.count == 1000)
  }

  @Test("headers without end are refused")
  func endlessHeaders() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\n")
      while connection.send("X-Pad: \(String(repeating: "x", count: 1000))\r\n") {}
    }
    let error = await #expect(throws: CurlError.self) { try await CurlClient().perform(CurlRequest("GET", server.url)) }
    #expect(error?.code == .tooLarge)
  }

  @Test(
    "a server that closes too early is reported as closed",
    arguments: [
      "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ])
  func closedEarly(answer: String) async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send(answer)
    }
    let error = await #expect(throws: CurlError.self) { try await CurlClient().perform(CurlRequest("GET", server.url)) }
    #expect(error?.code == .closed)
    #expect(error?.disposition == .retry)
    #expect(error?.requestMayHaveBeenSent == true)
  }

  @Test("a client works on after a failure")
  func recovery() async throws {
    let attempts = Atomic(0)
    let server = RawServer { connection in
      while connection.readRequest() != nil {
        guard attempts.add(1, ordering: .relaxed).newValue > 1 else { return }
        connection.answer("fine")
      }
    }
    let client = CurlClient()
    await #expect(throws: CurlError.self) { try await client.perform(CurlRequest("GET", server.url)) }
    #expect(try await client.perform(CurlRequest("GET", server.url)).text == "fine")
  }

  @Test("a kept connection that the server has closed is replaced")
  func staleConnection() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.answer("once")
    }
    let client = CurlClient()
    for _ in 0..<3 { #expect(try await client.perform(CurlRequest("POST", server.url, body: [65])).text == "once") }
    #expect(server.connections == 3)
  }

  @Test("interim answers are passed over")
  func interim() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
      connection.answer("last", headers: "X-Final: 1\r\n")
    }
    let response = try await CurlClient().perform(CurlRequest("GET", server.url))
    #expect(response.status == 200)
    #expect(response[header: "link"] == nil)
    #expect(response[header: "x-final"] == "1")
    #expect(response.text == "last")
  }

  @Test("chunks are joined and trailers are not headers")
  func chunked() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
      connection.send("4\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n")
    }
    let response = try await CurlClient().perform(CurlRequest("GET", server.url))
    #expect(response.text == "abcdefg")
    #expect(response[header: "x-trailer"] == nil)
  }

  @Test("bodies of megabytes go both ways, at once")
  func largeBodies() async throws {
    let server = RawServer { connection in
      while let request = connection.readRequest() {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
        connection.send(request.body)
      }
    }
    let body = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let response = try await CurlClient().perform(CurlRequest("POST", server.url, body: body))
    #expect(response.body == body)
  }

  @Test("a redirect is an answer")
  func redirect() async throws {
    let server = RawServer { connection in
      _ = connection.readRequest()
      connection.answer("", status: "302 Found", headers: "Location: /elsewhere\r\n")
    }
    let response = try await CurlClient().perform(CurlRequest("GET", server.url))
    #expect(response.status == 302)
    #expect(response[header: "Location"] == "/elsewhere")
  }

  @Test("compression is asked for only when wanted")
  func compression() async throws {
    let server = RawServer { connection in
      while let request = connection.readRequest() { connection.answer(request.headers) }
    }
    let response = try await CurlClient().perform(CurlRequest("GET", server.url, acceptsCompression: true))
    #expect(response.text.contains("\r\nAccept-Encoding: "))
    #expect(response.text.contains("gzip"))
  }

  @Test(
    "only http and https URLs are taken",
    arguments: [
      "", "example.com", "file:///etc/passwd", "ftp://x/", "http://", "http:///path", "http://a b/", "http://a/\n",
      "http://a/é", "http://:80/",
    ])
  func badURL(url: String) async throws {
    let error = await #expect(throws: CurlError.self) { try await CurlClient().perform(CurlRequest("GET", url)) }
    #expect(error?.code == .badURL)
    #expect(error?.disposition == .reject)
  }

  @Test("a header with a line break is not sent")
  func headerInjection() async throws {
    let server = RawServer { connection in connection.waitForClose() }
    let request = CurlRequest("GET", server.url, headers: [("X-One", "1\r\nX-Two: 2")])
    let error = await #expect(throws: CurlError.self) { try await CurlClient().perform(request) }
    #expect(error?.code == .badRequest)
    #expect(server.connections == 0)
  }

  @Test("cancelling the task ends a request that waits")
  func cancellation() async throws {
    let (started, signal) = AsyncStream.makeStream(of: Void.self)
    let server = RawServer { connection in
      _ = connection.readRequest()
      signal.yield()
      connection.waitForClose()
    }
    let clock = ContinuousClock()
    let url = server.url
    let task = Task { try await CurlClient().perform(CurlRequest("GET", url, timeout: nil)) }
    _ = await started.first { _ in true }
    let start = clock.now
    task.cancel()
    let error = await #expect(throws: CurlError.self) { try await task.value }
    #expect(error?.code == .aborted)
    #expect(clock.now - start < .seconds(5))
    #expect(server.connections == 1)
  }
}

import HTTP
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct ServingTests {
  @Test("handlers of both kinds answer, and the connection stays open between requests")
  func answers() async throws {
    try await withServer(echoRoutes()) { port, _ in
      let socket = try RawSocket(port: port)
      for path in ["now", "hello", "now", "hello"] {
        try await socket.send("GET /\(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        let answer = try await socket.read(until: "\r\n\r\n\(path)")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nDate: "))
        #expect(answer.contains("Content-Type: text/plain; charset=utf-8\r\n"))
      }
    }
  }

  @Test("a body comes back whole", arguments: ["/echo", "/sync"])
  func body(path: String) async throws {
    try await withServer(echoRoutes()) { port, _ in
      let text = String(repeating: "0123456789", count: 9_000)
      let answer = try await post(port, path, text)
      #expect(answer.status == 200)
      #expect(answer.bodyText == text)
    }
  }

  @Test("pipelined requests are answered in order")
  func pipelining() async throws {
    try await withServer(echoRoutes()) { port, _ in
      var text = ""
      for index in 0..<20 {
        text += "POST /\(index % 2 == 0 ? "echo" : "sync") HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n"
        text += "\(100 + index)"
      }
      let answers = try await exchange(port, text + "GET /now HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
      let bodies = answers.split(separator: "HTTP/1.1 200 OK\r\n").map { String($0).bodyText }
      #expect(bodies == (100..<120).map(String.init) + ["now"])
    }
  }

  @Test("a chunked body comes back whole, however it is cut", arguments: ["/echo", "/sync"])
  func chunked(path: String) async throws {
    try await withServer(echoRoutes()) { port, _ in
      let socket = try RawSocket(port: port)
      let head = "POST \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
      for byte in Array((head + "5;x=y\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\nTrailer: 1\r\n\r\n").utf8) {
        try await socket.send([byte])
      }
      #expect(try await socket.readToEnd().bodyText == "hello, world")
    }
  }

  @Test("HEAD has the headers of GET and no body")
  func head() async throws {
    try await withServer(echoRoutes()) { port, _ in
      let answer = try await get(port, "/hello", method: "HEAD")
      #expect(answer.status == 200)
      #expect(answer.contains("Content-Length: 5\r\n"))
      #expect(answer.bodyText == "")
    }
  }

  @Test("what is not there is 404, a wrong method 405 with Allow, and the connection stays open")
  func missing() async throws {
    try await withServer(echoRoutes()) { port, _ in
      let socket = try RawSocket(port: port)
      try await socket.send("GET /nothing HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(try await socket.read(until: "}").status == 404)
      try await socket.send("DELETE /echo HTTP/1.1\r\nHost: test\r\n\r\n")
      let answer = try await socket.read(until: "}")
      #expect(answer.status == 405)
      #expect(answer.contains("Allow: POST\r\n"))
      #expect(answer.contains("application/problem+json"))
      try await socket.send("GET /fails HTTP/1.1\r\nHost: test\r\n\r\n")
      let problem = try await socket.read(until: "}")
      #expect(problem.status == 422)
      #expect(problem.contains(#""code":"odd""#))
    }
  }

  @Test("paths are decoded after splitting, queries as forms are, and bad escapes are 400")
  func paths() async throws {
    try await withServer(echoRoutes()) { port, _ in
      #expect(try await get(port, "/apps/a%2Fb+c").bodyText == "a/b+c")
      #expect(try await get(port, "/apps/%C3%BC").bodyText == "ü")
      #expect(try await get(port, "/files/x/y%20z").bodyText == "x/y z")
      #expect(try await get(port, "/query?a=1+2&b=%26%3D&c").bodyText == "a=1 2;b=&=;c=")
      for target in ["/apps/%zz", "/apps/%ff", "/query?a=%", "/apps/%00"] {
        let answer = try await get(port, target)
        #expect(answer.status == 400, "\(target)")
        #expect(answer.contains("bad_request"))
      }
    }
  }

  @Test("an answer may come later, from any thread, and only the first counts")
  func later() async throws {
    let held = Shared<[HTTPExchange]>([])
    var routes = Routes()
    routes.on("POST", "/later") { _ in
      .collect(limit: 10) { _, _ in .later { exchange in held.update { $0.append(exchange) } } }
    }
    try await withServer(routes, configure: set { $0.threads = 2 }) { port, _ in
      let sockets = try (0..<20).map { _ in try RawSocket(port: port) }
      for socket in sockets {
        try await socket.send("POST /later HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi")
      }
      try await eventually("all wait") { held.value.count == 20 }
      await withTaskGroup { group in
        for exchange in held.value {
          group.addTask {
            #expect(!exchange.clientHasLeft)
            #expect(exchange.respond(.text("first")))
            #expect(!exchange.respond(.text("second")))
          }
        }
      }
      for socket in sockets { #expect(try await socket.read(until: "first").status == 200) }
    }
  }

  @Test("finished exchanges are told with pattern, status and bytes")
  func finished() async throws {
    let seen = Shared<[FinishedExchange]>([])
    var routes = echoRoutes()
    routes.onFinish = { exchange in seen.update { $0.append(exchange) } }
    try await withServer(routes) { port, _ in
      _ = try await post(port, "/echo", "12345")
      _ = try await get(port, "/apps/secret-id", method: "HEAD")
      _ = try await get(port, "/nothing", method: "BREW")
      try await eventually("all are told") { seen.value.count == 3 }
      let lines = seen.value.map {
        "\($0.method) \($0.pattern) \($0.status) \($0.bytesIn) \($0.bytesOut > 0) \($0.outcome) \($0.duration > .zero)"
      }
      #expect(
        lines == [
          "POST /echo 200 5 true answered true", "HEAD /apps/{id} 200 0 false answered true",
          "OTHER  404 0 true answered true",
        ])
    }
  }

  @Test("a stream arrives piece by piece and ends properly; one that breaks off is seen to be cut")
  func streams() async throws {
    var routes = Routes()
    routes.get("/good") { _ in
      HTTPResponse(
        body: .stream { writer in
          for index in 0..<100 { try await writer.write("line \(index)\n") }
        })
    }
    routes.get("/bad") { _ in
      HTTPResponse(
        body: .stream { writer in
          try await writer.write("begin")
          throw ProblemDocument(status: 500)
        })
    }
    try await withServer(routes) { port, _ in
      let good = try await get(port, "/good")
      #expect(good.contains("Transfer-Encoding: chunked"))
      #expect(good.contains("line 99\n"))
      #expect(good.hasSuffix("0\r\n\r\n"))
      let bad = try await get(port, "/bad")
      #expect(!bad.hasSuffix("0\r\n\r\n"))
      let head = try await get(port, "/good", method: "HEAD")
      #expect(head.status == 200 && head.bodyText.isEmpty)
    }
  }

  @Test("an address in use, and one that is none, are told clearly")
  func addresses() async throws {
    try await withServer(echoRoutes()) { port, _ in
      for (address, code) in [
        ("127.0.0.1:\(port)", HTTPError.Code.cannotListen), ("nonsense", .invalidAddress),
        ("127.0.0.1:99999", .invalidAddress),
      ] {
        let error = #expect(throws: HTTPError.self) {
          try HTTPServer(HTTPServerConfiguration(address: address), routes: Routes()).start()
        }
        #expect(error?.code == code)
        #expect(error?.description.contains(address) == true)
      }
    }
  }

  @Test("IPv6 addresses stand in brackets")
  func six() async throws {
    let server = HTTPServer(HTTPServerConfiguration(address: "[::1]:0"), routes: echoRoutes())
    #expect(try server.start() > 0)
    await server.stop()
  }
}

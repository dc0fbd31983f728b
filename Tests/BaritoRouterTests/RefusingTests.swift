import BaritoCore
import BaritoService
import Compression
import HTTP
import KafkaTesting
import Logging
import TestKit
import Testing

@testable import BaritoRouter

@Suite(.timeLimit(.minutes(1))) struct RefusingTests {
  private let secret: HTTPHeaders = ["X-App-Secret": "secret-Shop"]

  private func router(_ logger: Logger = .silent) async throws -> RouterUnderTest {
    let router = try await RouterUnderTest(apps: [.named("Shop")], logger: logger)
    router.cluster.createTopic("shop_logs")
    return router
  }

  @Test("paths and methods that are not there are problem documents; ping answers")
  func paths() async throws {
    let router = try await router()
    let nothing = try await router.post("/other", secret, "{}")
    #expect(try nothing.status == 404 && nothing.problem.code == "not_found")
    let request = try #require(HTTPRequest(method: "GET", target: "/produce", headers: secret))
    let wrong = Answer(await router.routes.respond(to: request))
    #expect(try wrong.status == 405 && wrong.problem.code == "method_not_allowed" && wrong.headers["Allow"] == "POST")
    let ping = try #require(HTTPRequest(method: "GET", target: "/ping"))
    let pong = Answer(await router.routes.respond(to: ping))
    #expect(pong.status == 200 && pong.text == "OK")
    await router.close()
  }

  @Test("whoever is not known, or sends what cannot be read, is told so and counted")
  func headers() async throws {
    let log = LogRecorder()
    let router = try await router(log.logger)
    let cases: [(HTTPHeaders, String, Int, String)] = [
      ([:], "{}", 401, "no_secret"),
      (["X-App-Secret": "wrong-secret"], "{}", 401, "unknown_secret"),
      (["X-App-Group-Secret": "group-haza"], "{}", 401, "no_secret"),
      (["X-App-Group-Secret": "group-haza", "X-App-Name": "a-"], "{}", 400, "invalid_app_name"),
      (["X-App-Secret": "secret-Shop", "Content-Encoding": "br"], "{}", 415, "unsupported_encoding"),
      (["X-App-Secret": "secret-Shop", "X-Barito-Batch-Id": "a"], "{}", 400, "invalid_batch"),
      (["X-App-Secret": "secret-Shop"], #"{"a":1"#, 400, "malformed"),
      (["X-App-Secret": "secret-Shop"], "", 400, "malformed"),
      (["X-App-Secret": "secret-Shop", "Content-Encoding": "gzip"], "{}", 400, "malformed"),
      (["X-App-Secret": "secret-Shop", "Content-Length": "104857600"], "{}", 413, "body_too_large"),
    ]
    for (headers, body, status, code) in cases {
      let answer = try await router.post("/produce", headers, body)
      #expect(answer.status == status, "\(headers.pairs) \(body)")
      #expect(answer.headers["Content-Type"] == "application/problem+json")
      let problem = try answer.problem
      #expect(problem.code == code && problem.status == status && !problem.detail.isEmpty)
      #expect(answer.headers["Retry-After"] == nil)
      #expect(!answer.text.contains("wrong-secret") && !answer.text.contains("group-haza"))
    }
    let codes = Dictionary(grouping: cases, by: { $0.3 }).mapValues(\.count)
    for (code, count) in codes {
      #expect(router.metric(#"barito_router_refused_requests_total{code="\#(code)"} \#(count)"#), "\(code)")
    }
    #expect(!log.text.contains("secret-Shop") && !log.text.contains("wrong-secret") && !log.text.contains("group-haza"))
    await router.close()
  }

  @Test("broken JSON is refused whole, with its place")
  func broken() async throws {
    let router = try await router()
    for _ in 0..<2 {
      let answer = try await router.post("/produce_batch", secret, #"{"items":[{"a":1},{"a":tru}]}"#)
      #expect(answer.status == 400)
      #expect((23...26).contains(try #require(try answer.problem.offset)))
    }
    #expect(try await router.post("/produce", secret, #"{"good":1}"#).status == 200)
    #expect(try await router.records("shop_logs", 1).map { $0.value.prefix(9) } == [#"{"good":1"#])
    await router.close()
  }

  @Test("a body of 100 MB is refused before it is read, over a socket, and the next request is served")
  func huge() async throws {
    let router = try await router()
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: router.routes)
    let port = try server.start()
    let socket = try RawSocket(port: port)
    try await socket.send(
      "POST /produce HTTP/1.1\r\nHost: a\r\nX-App-Secret: secret-Shop\r\nContent-Length: 104857600\r\n\r\n{")
    let answer = try await socket.readToEnd()
    #expect(answer.hasPrefix("HTTP/1.1 413") && answer.contains("body_too_large"))
    let chunked = try RawSocket(port: port)
    try await chunked.send(
      "POST /produce HTTP/1.1\r\nHost: a\r\nX-App-Secret: secret-Shop\r\nTransfer-Encoding: chunked\r\n\r\n")
    let chunk = "80000\r\n" + String(repeating: " ", count: 0x80000) + "\r\n"
    for _ in 0..<3 { try? await chunked.send(chunk) }
    #expect(try await chunked.readToEnd().hasPrefix("HTTP/1.1 413"))
    try await eventually("both are counted") {
      router.metric(#"barito_router_refused_requests_total{code="body_too_large"} 2"#)
    }
    let next = try RawSocket(port: port)
    try await next.send(
      "POST /produce HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-App-Secret: secret-Shop\r\nContent-Length: 2\r\n\r\n{}"
    )
    #expect(try await next.readToEnd().hasPrefix("HTTP/1.1 200"))
    await server.stop()
    await router.close()
  }

  @Test("a bomb is refused and the Router goes on", arguments: [CompressionFormat.gzip, .deflate, .zstd])
  func bomb(format: CompressionFormat) async throws {
    let router = try await router()
    var headers = secret
    headers["Content-Encoding"] = "\(format)"
    let bytes = Deflater.deflate([UInt8](repeating: 0x20, count: 32 << 20), as: format)
    let answer = try await router.post("/produce", headers, bytes)
    #expect(try answer.status == 413 && answer.problem.code == "body_too_large")
    #expect(try answer.problem.limit == BodyReader.Limits.test.inflatedBytes)
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    await router.close()
  }

  @Test("a request in flight at a stop gets its true answer")
  func stopping() async throws {
    let router = try await router()
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: router.routes)
    let port = try server.start()
    router.cluster.setRoundTrip(broker: 1, .seconds(1))
    let socket = try RawSocket(port: port)
    let body = #"{"last":true}"#
    try await socket.send(
      "POST /produce HTTP/1.1\r\nHost: a\r\nX-App-Secret: secret-Shop\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    )
    let destination = try #require(router.profiles.read { $0.groups[ClusterName("haza")]?.cluster })
    try await eventually("the line is on its way") { router.clusters[destination].outstanding > 0 }
    async let drained: Void = server.drain(within: .seconds(10))
    #expect(try await socket.readToEnd().hasPrefix("HTTP/1.1 200"))
    await drained
    await router.close()
    let values = try await router.records("shop_logs", 2).map(\.value)
    #expect(values.contains { $0.hasPrefix(#"{"last":true"#) })
  }
}

import BaritoCore
import Compression
import HTTP
import Testing

@testable import BaritoRouter

@Suite(.timeLimit(.minutes(1))) struct LokiTests {
  private let json: HTTPHeaders = ["X-App-Secret": "secret-Shop", "Content-Type": "application/json"]
  private let protobuf: HTTPHeaders = ["X-App-Secret": "secret-Shop", "Content-Type": "application/x-protobuf"]
  private let body = #"{"streams":[{"stream":{"app":"shop"},"values":[["1000000","hello"]]}]}"#
  private let document = #"{"@timestamp":"1970-01-01T00:00:00.001Z","message":"hello","app":"shop"}"#

  private var wire: [UInt8] {
    var request = ProtobufWriter()
    request.message(1) { stream in
      stream.string(1, #"{app="shop"}"#)
      stream.message(2) { entry in
        entry.message(1) { $0.varint(2, 1_000_000) }
        entry.string(2, "hello")
      }
    }
    return request.bytes
  }

  @Test("JSON, gzip and snappy are stored and answered 204")
  func stored() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    let snappy = Deflater.deflate(wire, as: .snappy)
    let requests: [(HTTPHeaders, [UInt8], String)] = [
      (json, Array(body.utf8), ""), (json, Deflater.deflate(Array(body.utf8), as: .gzip), "gzip"),
      (protobuf, snappy, ""), (protobuf, snappy, "snappy"), (["X-App-Secret": "secret-Shop"], snappy, ""),
    ]
    for (headers, bytes, coding) in requests {
      var all = headers
      if !coding.isEmpty { all["Content-Encoding"] = coding }
      let answer = try await router.post("/loki/api/v1/push", all, bytes)
      #expect(answer.status == 204 && answer.text.isEmpty, "\(coding) \(answer.text)")
    }
    #expect(try await router.records("shop_logs", 5).map(\.value) == Array(repeating: document, count: 5))
    #expect(router.metric(#"barito_router_accepted_lines_total{protocol="loki"} 5"#))
    await router.close()
  }

  @Test("refusals are text with their code, and what may be sent again says when")
  func refusals() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    let cases: [(HTTPHeaders, String, Int, String)] = [
      (["Content-Type": "application/json"], body, 401, "no_secret: "), (json, "{", 400, "malformed: "),
      (json, "{}", 400, "malformed: "), (protobuf, "not snappy", 400, "malformed: "),
      (["X-App-Secret": "secret-Shop", "Content-Type": "text/plain"], body, 415, "unsupported_encoding: "),
      (
        ["X-App-Secret": "secret-Shop", "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"], body,
        415,
        "unsupported_encoding: "
      ),
    ]
    for (headers, body, status, code) in cases {
      let answer = try await router.post("/loki/api/v1/push", headers, body)
      #expect(answer.status == status && answer.text.hasPrefix(code) && answer.text.hasSuffix("\n"), "\(answer.text)")
      #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
    }
    let busy = LokiProtocol().answer(Refusal(.limit, "Wait.", retryAfter: .seconds(3)), nil)
    #expect(busy.status == 429 && busy.headers["Retry-After"] == "3")
    #expect(busy.headers["Content-Type"] == "text/plain; charset=utf-8")
    await router.close()
  }

  @Test("an entry that is too large is an error that says that the others are stored")
  func partial() async throws {
    let router = try await RouterUnderTest(
      apps: [.named("Shop")],
      limits: .init(bodyBytes: 1 << 20, inflatedBytes: 1 << 20, documentBytes: 200, items: 100))
    let large = String(repeating: "x", count: 300)
    let answer = try await router.post(
      "/loki/api/v1/push", json,
      #"{"streams":[{"stream":{"app":"shop"},"values":[["1","\#(large)"],["1000000","hello"]]}]}"#)
    #expect(answer.status == 413)
    #expect(answer.text.hasPrefix("line_too_large: a log record was not taken: record 0 makes a document of"))
    #expect(answer.text.hasSuffix("; the other 1 are stored.\n"))
    #expect(try await router.records("shop_logs", 1).map(\.value) == [document])
    await router.close()
  }

  @Test("a block of snappy that claims too much is refused before it is inflated")
  func bomb() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    let bomb = Deflater.deflate([UInt8](repeating: 0x61, count: 8 << 20), as: .snappy)
    let answer = try await router.post("/loki/api/v1/push", protobuf, bomb)
    #expect(answer.status == 413 && answer.text.hasPrefix("body_too_large: "))
    await router.close()
  }

  @Test("whoever asks whether Loki is ready is told so")
  func ready() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    let request = try #require(HTTPRequest(method: "GET", target: "/ready"))
    let answer = Answer(await router.routes.respond(to: request))
    #expect(answer.status == 200 && answer.text == "ready\n")
    await router.close()
  }
}

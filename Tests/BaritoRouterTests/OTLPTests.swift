import BaritoCore
import BaritoService
import Compression
import FoundationEssentials
import HTTP
import TestKit
import Testing

@testable import BaritoRouter

@Suite(.timeLimit(.minutes(1))) struct OTLPTests {
  private let protobuf: HTTPHeaders = ["X-App-Secret": "secret-Shop", "Content-Type": "application/x-protobuf"]
  private let json: HTTPHeaders = ["X-App-Secret": "secret-Shop", "Content-Type": "application/json; charset=utf-8"]
  private let body = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}"#
  private let wire: [UInt8] = [10, 13, 18, 11, 18, 9, 42, 7, 10, 5] + Array("hello".utf8)

  @Test("both encodings are stored and answered in their own")
  func stored() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    let first = try await router.post("/v1/logs", json, body)
    #expect(first.status == 200 && first.text == "{}" && first.headers["Content-Type"] == "application/json")
    let second = try await router.post("/v1/logs", protobuf, wire)
    #expect(second.status == 200 && second.text.isEmpty)
    #expect(second.headers["Content-Type"] == "application/x-protobuf")
    var gzip = protobuf
    gzip["Content-Encoding"] = "gzip"
    #expect(try await router.post("/v1/logs", gzip, Deflater.deflate(wire, as: .gzip)).status == 200)
    #expect(try await router.post("/v1/logs", protobuf, []).status == 200)
    let values = try await router.records("shop_logs", 3).map(\.value)
    #expect(values.count == 3 && values.allSatisfy { $0.hasPrefix(#"{"message":"hello","@timestamp":"#) })
    #expect(router.metric(#"barito_router_accepted_lines_total{protocol="otlp"} 3"#))
    await router.close()
  }

  @Test("a record that is too large is a partial success")
  func partial() async throws {
    let router = try await RouterUnderTest(
      apps: [.named("Shop")],
      limits: .init(bodyBytes: 1 << 20, inflatedBytes: 1 << 20, documentBytes: 200, items: 100))
    let large = String(repeating: "x", count: 300)
    let answer = try await router.post(
      "/v1/logs", json,
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"\#(large)"}},{"body":{"stringValue":"a"}}]}]}]}"#
    )
    struct Response: Decodable {
      struct Partial: Decodable { var rejectedLogRecords, errorMessage: String }
      var partialSuccess: Partial
    }
    #expect(answer.status == 200)
    let response = try JSONDecoder().decode(Response.self, from: Data(answer.text.utf8))
    #expect(response.partialSuccess.rejectedLogRecords == "1")
    #expect(response.partialSuccess.errorMessage.hasPrefix("a log record was not taken: record 0 makes a document of"))
    #expect(try await router.records("shop_logs", 1).count == 1)

    var inner = ProtobufWriter()
    inner.message(1) { $0.message(2) { $0.message(2) { $0.message(5) { $0.string(1, large) } } } }
    let refused = try await router.post("/v1/logs", protobuf, inner.bytes)
    let bytes = Array(refused.text.utf8)
    // partial_success = 1 { rejected_log_records = 1: 1, error_message = 2 }
    #expect(refused.status == 200 && bytes.first == 0x0A && bytes.dropFirst(2).starts(with: [0x08, 1, 0x12]))
    #expect(router.metric(#"barito_router_refused_lines_total{code="line_too_large"} 2"#))
    await router.close()
  }

  @Test("refusals are google.rpc.Status in the request's encoding, with the status that OTLP wants")
  func refusals() async throws {
    let router = try await RouterUnderTest(
      apps: [.named("Shop"), .named("Slow", id: 2, limits: IngestLimits(linesPerSecond: 1, bytesPerSecond: nil))])
    let encodings: [OTLPEncoding] = [.json, .protobuf]
    let large: HTTPHeaders = ["Content-Length": "104857600"]
    let cases: [(HTTPHeaders, status: Int, code: Int, String)] = [
      (["X-App-Secret": "wrong"], 401, 16, "unknown_secret"), ([:], 401, 16, "no_secret"),
      (["X-App-Secret": "secret-Shop"], 400, 3, "malformed"), (large, 413, 3, "body_too_large"),
      (["X-App-Secret": "secret-Shop", "Content-Encoding": "br"], 415, 3, "unsupported_encoding"),
    ]
    for encoding in encodings {
      for (headers, status, code, name) in cases {
        var all = headers
        all["Content-Type"] = encoding.contentType
        if headers["Content-Length"] != nil { all["X-App-Secret"] = "secret-Shop" }
        let answer = try await router.post("/v1/logs", all, "]")
        #expect(answer.status == status && answer.headers["Content-Type"] == encoding.contentType, "\(name)")
        switch encoding {
        case .json: #expect(answer.text.hasPrefix(#"{"code":\#(code),"message":"\#(name): "#), "\(answer.text)")
        case .protobuf:
          let bytes = Array(answer.text.utf8)
          #expect(bytes.starts(with: [0x08, UInt8(code), 0x12]) && answer.text.contains("\(name): "))
        }
      }
    }
    let unknown = try await router.post(
      "/v1/logs", ["X-App-Secret": "secret-Shop", "Content-Type": "text/plain"], "x")
    #expect(unknown.status == 415 && unknown.text.contains("text/plain"))
    await router.close()
  }

  @Test("what may be sent again says when")
  func retry() throws {
    for (code, status, number) in [
      (Refusal.Code.limit, 429, 8), (.kafkaUnavailable, 503, 14), (.groupNotReady, 503, 14),
    ] as [(Refusal.Code, Int, Int64)] {
      let refusal = Refusal(code, "Wait.", retryAfter: .milliseconds(1500))
      let response = OTLPAnswer(encoding: .json).refused(refusal)
      #expect(response.status == status && response.headers["Retry-After"] == "2")
      #expect(OTLPAnswer.code(refusal) == number)
    }
    #expect(OTLPAnswer(encoding: .protobuf).refused(Refusal(.malformed, "")).headers["Retry-After"] == nil)
  }

  @Test("a dry run shows the documents")
  func dryRun() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    let answer = try await router.post("/v1/logs?dry_run=1", protobuf, wire)
    #expect(answer.status == 200 && answer.text.contains(#""documents":[{"message":"hello","@timestamp":"#))
    await router.close()
  }
}

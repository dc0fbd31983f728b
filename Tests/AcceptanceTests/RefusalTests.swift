import BaritoCore
import Compression
import Curl
import TestKit
import Testing

extension AcceptanceTests {
  /// Bad input meets an honest answer, and the next good line is taken.
  @Suite struct RefusalTests {
    private struct Problem: Decodable {
      var status: Int
      var code: String
      var detail: String
    }

    @Test("bad input gets its status and a problem document, and the service goes on", .timeLimit(.minutes(3)))
    func badInput() async throws {
      try await withPlatform(try #require(Backend.available.last)) { platform, api, app in
        let secret = try #require(app.secret)
        let good = Array(#"{"items":[{"a":1}]}"#.utf8)
        let bomb = Deflater.deflate([UInt8](repeating: 0x20, count: 256 << 20), as: .gzip)
        let cases: [(what: String, request: CurlRequest, status: Int, code: String)] = [
          ("no secret", post(platform, "/produce_batch", nil, good), 401, "no_secret"),
          ("a wrong secret", post(platform, "/produce_batch", "nonsense", good), 401, "unknown_secret"),
          (
            "broken JSON", post(platform, "/produce_batch", secret.value, Array(#"{"items":[{"a":1},{"b":]}"#.utf8)),
            400,
            "malformed"
          ),
          ("no items", post(platform, "/produce_batch", secret.value, Array(#"{"a":1}"#.utf8)), 400, "malformed"),
          (
            "a body of 100 MB",
            post(platform, "/produce_batch", secret.value, [UInt8](repeating: 0x20, count: 100 << 20)),
            413, "body_too_large"
          ),
          (
            "a gzip bomb",
            post(platform, "/produce_batch", secret.value, bomb, ["Content-Encoding": "gzip"]), 413, "body_too_large"
          ),
          (
            "gzip that is none", post(platform, "/produce_batch", secret.value, good, ["Content-Encoding": "gzip"]),
            400,
            "malformed"
          ),
          (
            "an encoding nobody knows",
            post(platform, "/produce_batch", secret.value, good, ["Content-Encoding": "br"]), 415,
            "unsupported_encoding"
          ),
          ("an unknown path", post(platform, "/nowhere", secret.value, good), 404, "not_found"),
          ("a wrong method", CurlRequest("GET", platform.routerURL + "/produce_batch"), 405, "method_not_allowed"),
        ]
        for (what, request, status, code) in cases {
          let response = try await CurlClient().perform(request)
          #expect(response.status == status, "\(what): \(response.text)")
          #expect(response[header: "Content-Type"] == "application/problem+json", "\(what)")
          let problem = try WireJSON.decode(Problem.self, from: response.body)
          #expect(problem.status == status, "\(what)")
          #expect(problem.code == code, "\(what)")
          #expect(!problem.detail.isEmpty, "\(what)")
          let next = try await CurlClient().perform(post(platform, "/produce_batch", secret.value, good))
          #expect(next.status == 200, "after \(what): \(next.text)")
          #expect(next.text == app.topic + "\n")
        }
      }
    }

    @Test("a list of things that are no objects is stored as messages", .timeLimit(.minutes(3)))
    func nonObjects() async throws {
      let backend = try #require(Backend.available.last)
      try await withPlatform(backend) { platform, api, app in
        let body = Array(#"{"items":["plain text",12,null,["a"],true]}"#.utf8)
        let response = try await CurlClient().perform(
          post(platform, "/produce_batch", try #require(app.secret).value, body))
        #expect(response.status == 200)
        let stored = StoredLines(url: platform.servers.elasticsearch, indexPrefix: app.indexPrefix)
        try await eventually("five documents are stored") { try await stored.count() == 5 }
      }
    }

    @Test("a secret that was revoked is refused within three seconds", .timeLimit(.minutes(3)))
    func revoked() async throws {
      try await withPlatform(try #require(Backend.available.last)) { platform, api, app in
        let secret = try #require(app.secret)
        let good = Array(#"{"items":[{"a":1}]}"#.utf8)
        #expect(try await CurlClient().perform(post(platform, "/produce_batch", secret.value, good)).status == 200)
        let answer = try await api.send("DELETE", "/api/v1/apps/\(app.id)/secrets/\(secret.id)")
        #expect(answer.status == 204)
        try await eventually(within: .seconds(3), "the revoked secret is refused") {
          try await CurlClient().perform(post(platform, "/produce_batch", secret.value, good)).status == 401
        }
      }
    }

    private func post(
      _ platform: Platform, _ path: String, _ secret: String?, _ body: [UInt8], _ headers: [String: String] = [:]
    ) -> CurlRequest {
      var request = CurlRequest("POST", platform.routerURL + path, body: body, timeout: .seconds(60))
      request.setHeader("Content-Type", "application/json")
      if let secret { request.setHeader("X-App-Secret", secret) }
      for (name, value) in headers { request.setHeader(name, value) }
      return request
    }
  }
}

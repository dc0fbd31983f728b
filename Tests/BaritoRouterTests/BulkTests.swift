import BaritoCore
import HTTP
import KafkaTesting
import Testing

@testable import BaritoRouter

/// `_bulk` over a Router without a socket.
@Suite(.timeLimit(.minutes(1))) struct BulkTests {
  private let headers: HTTPHeaders = ["Authorization": "Basic OnNlY3JldC1zaG9w"]  // :secret-shop
  private let body = """
    {"index":{"_index":"a","_id":"one"}}
    {"@timestamp":"2026-01-02T03:04:05Z","n":1}
    {"create":{}}
    {"n":2}

    """

  @Test("documents are in Kafka with the ids and times that they came with, and the answer is Elasticsearch's")
  func stored() async throws {
    let router = try await RouterUnderTest(apps: [.named("shop")])
    let answer = try await router.post("/b/_bulk?filter_path=errors,items.*._index,items.*.status", headers, body)
    #expect(answer.status == 200)
    #expect(answer.headers["X-elastic-product"] == "Elasticsearch")
    #expect(
      answer.text
        == #"{"errors":false,"items":[{"index":{"_index":"a","status":201}},{"create":{"_index":"b","status":201}}]}"#)
    let stored = try await router.records("shop_logs", 2)
    let named = try #require(stored.first { $0.value.contains(#""n":1"#) })
    #expect(named.headers == ["barito-document-id": "one", "barito-batch-time": "1767323045000"])
    #expect(named.value == #"{"@timestamp":"2026-01-02T03:04:05Z","n":1}"#)
    #expect(stored.first { $0.value.contains(#""n":2"#) }?.headers == [:])
    #expect(router.metric(#"barito_router_accepted_lines_total{protocol="elasticsearch_bulk"} 2"#))
    await router.close()
  }

  @Test("without a filter the answer has all members, and PUT is as good as POST")
  func full() async throws {
    let router = try await RouterUnderTest(apps: [.named("shop")])
    let request = try #require(HTTPRequest(method: "PUT", target: "/_bulk", headers: headers))
    let answer = Answer(await router.routes.respond(to: request, body: Array(body.utf8)))
    #expect(answer.text.hasPrefix(#"{"took":"#))
    #expect(answer.text.contains(#","errors":false,"items":[{"index":{"_index":"a","_id":"one","_version":1,"#))
    await router.close()
  }

  @Test("where nothing is taken nothing is sent, and the answer says why item by item")
  func nothingTaken() async throws {
    let router = try await RouterUnderTest(apps: [.named("shop")])
    let answer = try await router.post("/_bulk?filter_path=errors,items.*.status", headers, "{\"delete\":{}}\n")
    #expect(answer.status == 200)
    #expect(answer.text == #"{"errors":true,"items":[{"delete":{"status":400}}]}"#)
    #expect(router.metric(#"barito_router_accepted_lines_total{protocol="elasticsearch_bulk"} 0"#))
    #expect(router.metric(#"barito_router_refused_lines_total{code="malformed"} 1"#))
    await router.close()
  }

  @Test("a refusal of all has Elasticsearch's shape and our code")
  func refusals() async throws {
    let router = try await RouterUnderTest(apps: [.named("shop")])
    let unknown = try await router.post("/_bulk", ["Authorization": "ApiKey aWQ6d3Jvbmc="], body)
    #expect(unknown.status == 401)
    #expect(unknown.headers["WWW-Authenticate"]?.hasPrefix("Basic ") == true)
    #expect(unknown.text.hasPrefix(#"{"error":{"type":"security_exception","reason":""#))
    #expect(unknown.text.hasSuffix(#""status":401,"code":"unknown_secret"}"#))
    let malformed = try await router.post("/_bulk", headers, "{\"create\":{}}\n{}\nnonsense\n")
    #expect(malformed.status == 400)
    #expect(malformed.text.contains(#""root_cause":[{"type":"illegal_argument_exception","#))
    #expect(malformed.text.contains("Malformed action/metadata line [3], byte 17 of the body"))
    #expect(malformed.text.hasSuffix(#""status":400,"code":"malformed","offset":17}"#))
    await router.close()
  }

  @Test("over its limit an app is refused whole with 429 and the time to wait")
  func limit() async throws {
    let router = try await RouterUnderTest(apps: [.named("shop", limits: IngestLimits(linesPerSecond: 1))])
    let many = String(repeating: "{\"create\":{}}\n{}\n", count: 1000)
    // The first goes into debt.
    #expect(try await router.post("/_bulk", headers, many).status == 200)
    let last = try await router.post("/_bulk", headers, many)
    #expect(last.status == 429)
    #expect(last.headers["Retry-After"] != nil)
    #expect(last.headers["RateLimit"] != nil)
    #expect(last.text.contains(#"{"error":{"type":"es_rejected_execution_exception","#))
    #expect(last.text.contains(#""code":"limit""#))
    await router.close()
  }

  @Test("without Kafka all is refused with 503 and the time to wait")
  func kafkaAway() async throws {
    let router = try await RouterUnderTest(apps: [.named("shop")], timeout: .milliseconds(500), brokers: "127.0.0.1:1")
    let answer = try await router.post("/_bulk", headers, body)
    #expect(answer.status == 503)
    #expect(answer.headers["Retry-After"] != nil)
    #expect(answer.text.contains(#""code":"kafka_unavailable""#))
    await router.close()
  }
}

/// What clients ask before they send.
@Suite(.timeLimit(.minutes(1))) struct ElasticsearchStandInTests {
  private func ask(
    _ method: String, _ path: String, _ headers: HTTPHeaders = ["X-App-Secret": "secret-shop"]
  ) async throws -> Answer {
    let router = try await RouterUnderTest(apps: [.named("shop")])
    let request = try #require(HTTPRequest(method: method, target: path, headers: headers))
    let answer = Answer(await router.routes.respond(to: request, body: method == "PUT" ? Array("{}".utf8) : []))
    await router.close()
    return answer
  }

  @Test(
    "clients are told what makes them go on",
    arguments: [
      ("GET", "/", 200, #""number":"8."#), ("HEAD", "/", 200, #""tagline":"You Know, for Search""#),
      ("GET", "/_license", 200, #""status":"active""#), ("GET", "/_xpack", 200, #""available":false"#),
      ("GET", "/_cluster/health", 200, #""status":"green""#), ("GET", "/_nodes/http", 200, #""nodes":{}"#),
      ("GET", "/_nodes/_all/http", 200, #""nodes":{}"#),
      ("GET", "/_index_template/filebeat", 404, #""status":404"#), ("PUT", "/_index_template/filebeat", 200, "true"),
      ("HEAD", "/_template/logstash", 404, "404"), ("PUT", "/_template/logstash", 200, #"{"acknowledged":true}"#),
      ("PUT", "/_component_template/x", 200, "true"), ("GET", "/_ilm/policy/filebeat", 404, "404"),
      ("PUT", "/_ilm/policy/filebeat", 200, "true"), ("GET", "/_data_stream/x", 404, "404"),
      ("PUT", "/_data_stream/x", 200, "true"), ("PUT", "/_ingest/pipeline/x", 200, "true"),
      ("HEAD", "/_alias/logstash", 404, "404"), ("HEAD", "/logs", 404, "404"),
      ("PUT", "/%3Clogstash-%7Bnow%2Fd%7D-000001%3E", 200, #""index":"<logstash-{now/d}-000001>""#),
    ])
  func answers(method: String, path: String, status: Int, text: String) async throws {
    let answer = try await ask(method, path)
    #expect(answer.status == status)
    #expect(answer.text.contains(text), "\(answer.text)")
    #expect(answer.headers["X-elastic-product"] == "Elasticsearch")
  }

  @Test("a client that looks for nodes finds the one it asked")
  func nodes() async throws {
    let answer = try await ask("GET", "/_nodes/http", ["X-App-Secret": "secret-shop", "Host": "router:8081"])
    #expect(answer.text.contains(#""publish_address":"router:8081""#))
  }

  @Test(
    "whoever has no secret is told to bring one", arguments: ["/", "/_license", "/_cluster/health", "/_template/x"])
  func unknown(path: String) async throws {
    let answer = try await ask("GET", path, [:])
    #expect(answer.status == 401)
    #expect(answer.headers["WWW-Authenticate"]?.hasPrefix("Basic ") == true)
    #expect(answer.headers["X-elastic-product"] == "Elasticsearch")
  }

  @Test("the Router's own paths stay what they are")
  func others() async throws {
    #expect(try await ask("GET", "/ping", [:]).text == "OK")
    #expect(try await ask("GET", "/produce").status == 405)
    #expect(try await ask("GET", "/nowhere", [:]).status == 404)
    #expect(try await ask("GET", "/nowhere/at/all", [:]).status == 404)
  }
}

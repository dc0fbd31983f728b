import HTTP
import Lifecycle
import Logging
import Metrics
import TestKit
import Testing

@testable import BaritoService

@Suite(.timeLimit(.minutes(1))) struct AdminTests {
  private func get(_ target: String, _ routes: Routes) async throws -> (status: Int, text: String) {
    let request = try #require(HTTPRequest(method: "GET", target: target))
    let response = await routes.respond(to: request)
    guard case .bytes(let bytes) = response.body else { return (response.status, "") }
    return (response.status, String(decoding: bytes, as: UTF8.self))
  }

  @Test("a service that is not ready says why")
  func readiness() async throws {
    let readiness = Readiness()
    let routes = AdminRoutes.make(readiness, MetricsRegistry())
    #expect(try await get("/readyz", routes).status == 200)
    readiness.add("profiles") { "none yet" }
    readiness.add("kafka") { nil }
    #expect(try await get("/readyz", routes).status == 503)
    let verbose = try await get("/readyz?verbose", routes)
    #expect(verbose.status == 503)
    #expect(verbose.text == "ok running\nnot ready profiles: none yet\nok kafka\n")
    #expect(try await get("/livez", routes).status == 200)
  }

  @Test("a service that stops is never ready again, and lives")
  func stopping() async throws {
    let readiness = Readiness()
    let routes = AdminRoutes.make(readiness, MetricsRegistry())
    readiness.stop()
    #expect(try await get("/readyz?verbose", routes).text.contains("the service is stopping"))
    #expect(try await get("/readyz", routes).status == 503)
    #expect(try await get("/livez", routes).status == 200)
  }

  @Test("metrics are served in Prometheus' format")
  func metrics() async throws {
    let registry = MetricsRegistry()
    registry.counter("barito_test_things_total", "Things.").increment(by: 3)
    let answer = try await get("/metrics", AdminRoutes.make(Readiness(), registry))
    #expect(answer.text.contains("barito_test_things_total 3"))
  }

  @Test("a server in a group ends when the group does, after the request in flight")
  func draining() async throws {
    var routes = Routes()
    routes.get("/slow") { _ in
      try await Task.sleep(for: .milliseconds(300))
      return .text("done")
    }
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    let port = try server.start()
    let group = ServiceGroup(
      services: [.init("http", ServingHTTP(server, drainingWithin: .seconds(10)))], gracePeriod: .seconds(20),
      logger: .silent)
    async let ended: Void = group.run()
    let socket = try RawSocket(port: port)
    try await socket.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    try await eventually("the request is there") { server.connectionCount == 1 }
    let start = ContinuousClock.now
    group.trigger()
    #expect(try await socket.readToEnd().contains("done"))
    try await ended
    #expect(ContinuousClock.now - start < .seconds(9))
  }
}

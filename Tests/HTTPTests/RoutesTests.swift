import HTTP
import Testing

@Suite struct RoutesTests {
  private func respond(_ routes: Routes, _ method: String, _ target: String, body: String = "") async throws
    -> HTTPResponse
  {
    await routes.respond(to: try #require(HTTPRequest(method: method, target: target)), body: Array(body.utf8))
  }

  private func text(_ response: HTTPResponse) -> String {
    guard case .bytes(let bytes) = response.body else { return "(a stream)" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private var routes: Routes {
    var routes = Routes()
    for pattern in ["/", "/apps/{id}", "/apps/new", "/apps/{id}/logs", "/apps/new/{rest...}", "/files/{path...}"] {
      routes.get(pattern) { request in
        .text(([pattern] + request.parameters.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }).joined(separator: " "))
      }
    }
    routes.post("/apps/{id}", limit: 4) { request, body in .text("\(request.parameters["id"] ?? "") \(body.count)") }
    routes.on("PUT", "/later") { _ in .collect(limit: 9) { _, _ in .later { $0.respond(.empty(202)) } } }
    routes.delete("/apps/{id}") { _ in throw ProblemDocument(status: 409, code: "busy") }
    routes.patch("/apps/{id}") { _, _ in throw CancellationError() }
    return routes
  }

  @Test(
    "literal parts win over placeholders, and the search backs out of dead ends",
    arguments: [
      ("/", "/"), ("/apps/7", "/apps/{id} id=7"), ("/apps/new", "/apps/new"), ("/apps/a%2Fb", "/apps/{id} id=a/b"),
      ("/apps/new/logs", "/apps/new/{rest...} rest=logs"), ("/apps/x/logs", "/apps/{id}/logs id=x"),
      ("/files/a/b.css", "/files/{path...} path=a/b.css"),
    ])
  func patterns(target: String, expected: String) async throws {
    #expect(text(try await respond(routes, "GET", target)) == expected)
  }

  @Test(
    "what is not there is 404, also an empty placeholder", arguments: ["/nothing", "/apps/", "/apps/1/2/3", "/files"])
  func missing(target: String) async throws {
    let response = try await respond(routes, "GET", target)
    #expect(response.status == 404)
    #expect(response.headers["Content-Type"] == "application/problem+json")
  }

  @Test("a method that is not there is 405 and says which are")
  func methods() async throws {
    let response = try await respond(routes, "PUT", "/apps/1")
    #expect(response.status == 405)
    #expect(response.headers["Allow"] == "DELETE, GET, HEAD, PATCH, POST")
  }

  @Test("HEAD is answered from GET")
  func head() async throws { #expect(try await respond(routes, "HEAD", "/apps/1").status == 200) }

  @Test("limits, later answers and errors work without a socket too")
  func outcomes() async throws {
    #expect(text(try await respond(routes, "POST", "/apps/1", body: "1234")) == "1 4")
    #expect(try await respond(routes, "POST", "/apps/1", body: "12345").status == 413)
    #expect(try await respond(routes, "PUT", "/later").status == 202)
    #expect(try await respond(routes, "DELETE", "/apps/1").status == 409)
    #expect(try await respond(routes, "PATCH", "/apps/1").status == 503)
  }

  @Test("the error mapper and the fallback can be replaced")
  func replaced() async throws {
    var routes = routes
    routes.errorMapper = { _ in .text("mapped", status: 418) }
    routes.otherwise { .refuse(.redirect(to: "/login?next=\($0.path)")) }
    #expect(try await respond(routes, "DELETE", "/apps/1").status == 418)
    let response = try await respond(routes, "GET", "/nothing")
    #expect(response.status == 303)
    #expect(response.headers["Location"] == "/login?next=/nothing")
  }
}

import HTTP
import Synchronization
import TestKit

/// Runs a server on a port of its own for the length of `body`.
func withServer(
  _ routes: Routes, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
  _ body: (Int, HTTPServer) async throws -> Void
) async throws {
  var configuration = HTTPServerConfiguration(address: "127.0.0.1:0")
  configure(&configuration)
  let server = HTTPServer(configuration, routes: routes)
  let port = try server.start()
  do {
    try await body(port, server)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

/// Sends one request on a connection of its own and reads all that comes back.
func exchange(_ port: Int, _ text: String) async throws -> String {
  let socket = try RawSocket(port: port)
  try await socket.send(text)
  return try await socket.readToEnd()
}

/// A request without a body that asks for the connection to be closed.
func get(_ port: Int, _ target: String, method: String = "GET") async throws -> String {
  try await exchange(port, "\(method) \(target) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
}

extension String {
  /// What follows the headers of an answer.
  var bodyText: String {
    guard let end = firstRange(of: "\r\n\r\n") else { return "" }
    return String(self[end.upperBound...])
  }

  var status: Int? { split(separator: " ").dropFirst().first.flatMap { Int($0) } }
}

/// A value that several threads see.
final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  var value: Value { mutex.withLock { $0 } }

  func update(_ change: (inout Value) -> Void) { mutex.withLock { change(&$0) } }
}

func echoRoutes() -> Routes {
  var routes = Routes()
  routes.on("GET", "/now") { _ in .collect(limit: 0) { _, _ in .now(.text("now")) } }
  routes.get("/hello") { _ in .text("hello") }
  routes.post("/echo", limit: 100_000) { _, body in HTTPResponse(body: .bytes(body)) }
  routes.on("POST", "/sync") { _ in .collect(limit: 100_000) { _, body in .now(HTTPResponse(body: .bytes(body))) } }
  routes.get("/apps/{id}") { .text($0.parameters["id"] ?? "-") }
  routes.get("/files/{path...}") { .text($0.parameters["path"] ?? "-") }
  routes.get("/query") { .text($0.query.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ";")) }
  routes.get("/fails") { _ in throw ProblemDocument(status: 422, code: "odd", detail: "It is odd.") }
  return routes
}

/// A POST with a declared length that asks for the connection to be closed.
func post(_ port: Int, _ target: String, _ body: String) async throws -> String {
  try await exchange(
    port,
    "POST \(target) HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
}

/// A change of a server's configuration, written as a closure.
func set(_ change: @escaping (inout HTTPServerConfiguration) -> Void) -> (inout HTTPServerConfiguration) -> Void {
  change
}

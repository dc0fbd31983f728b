import BaritoCore
import HTTP
import Synchronization

/// Market, Router and Elasticsearch in one server: as much of them as a verification meets.
final class StubPlatform: Sendable {
  struct State: Sendable {
    /// Answers of the Router before it takes the line: status and code.
    var refusals: [(status: Int, code: String)] = []
    /// Searches that find nothing before the line is there.
    var emptySearches = 0
    var marketStatus = 200
    var searchStatus = 200
    var loses = false
    var doubles = false
    var secrets = 0
    var batchIDs: [String] = []
    var lines: [[UInt8]] = []
    var searches: [String] = []
  }

  private let state = Mutex(State())
  private let server = Mutex<HTTPServer?>(nil)

  func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
  var now: State { state.withLock { $0 } }

  func start() throws -> String {
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes())
    let port = try server.start()
    self.server.withLock { $0 = server }
    return "http://127.0.0.1:\(port)"
  }

  func stop() async { await server.withLock { $0 }?.stop() }

  static func with(_ body: (StubPlatform, String) async throws -> Void) async throws {
    let platform = StubPlatform()
    let url = try platform.start()
    do {
      try await body(platform, url)
    } catch {
      await platform.stop()
      throw error
    }
    await platform.stop()
  }

  private func routes() -> Routes {
    var routes = Routes()
    routes.get("/") { _ in .json(Array(#"{"version":{"number":"8.19.8"}}"#.utf8)) }
    routes.post("/internal/v1/groups/{cluster}/probe") { [self] request, _ in
      try state.withLock { state in
        guard request.headers["Authorization"] == "Bearer service-token-of-tests" else {
          return .problem(ProblemDocument(status: 401, code: "no_token", detail: "Who are you?"))
        }
        guard state.marketStatus == 200 else {
          return .problem(ProblemDocument(status: state.marketStatus, code: "not_found", detail: "There is no group."))
        }
        state.secrets += 1
        return .json(try WireJSON.encode(InternalAPI.Probe(app: AppID(1), secret: "secret-\(state.secrets)")))
      }
    }
    routes.post("/produce_batch") { [self] request, body in
      state.withLock { state in
        state.batchIDs.append(request.headers["X-Barito-Batch-Id"] ?? "-")
        if !state.refusals.isEmpty {
          let (status, code) = state.refusals.removeFirst()
          return .problem(ProblemDocument(status: status, code: code, detail: "Not now."))
        }
        guard request.headers["X-App-Secret"] == "secret-\(state.secrets)" else {
          return .problem(ProblemDocument(status: 401, code: "unknown_secret", detail: "No app has this secret."))
        }
        if !state.loses { state.lines.append(body) }
        if state.doubles { state.lines.append(body) }
        return .json(Array(#"{"topic":"haza.barito-probe__logs","accepted":1}"#.utf8))
      }
    }
    routes.post("/{index}/_refresh") { _, _ in .json(Array("{}".utf8)) }
    routes.post("/{index}/_search") { [self] request, body in
      state.withLock { state in
        state.searches.append(request.parameters["index"] ?? "")
        if state.searchStatus != 200 { return .text("no", status: state.searchStatus) }
        state.emptySearches -= 1
        let text = String(decoding: body, as: UTF8.self)
        let ids = text.split { $0 == "\"" || $0 == " " }.filter { $0.hasPrefix("probe") && $0.count == 21 }
        let found = ids.flatMap { id in
          state.lines.filter { String(decoding: $0, as: UTF8.self).contains(id) }
            .map { _ in #"{"_id":"1","_source":{"barito_probe_id":"\#(id)"}}"# }
        }
        let hits = state.emptySearches < 0 ? found.joined(separator: ",") : ""
        return .json(Array(#"{"took":1,"hits":{"total":{"value":1},"hits":[\#(hits)]}}"#.utf8))
      }
    }
    return routes
  }
}

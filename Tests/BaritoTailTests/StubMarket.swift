import BaritoCore
import HTTP
import Synchronization

/// What Tail asks of Market, on a port of its own. Everything it knows can be changed while it runs.
final class StubMarket: Sendable {
  struct State {
    var page = ProfilePage(version: 1)
    /// Numbers of the apps that the holder of a token may read, by name.
    var readable: [String: [String: AppID]] = [:]
    /// Names of apps that are there and may not be read.
    var hidden: Set<String> = []
    var isBroken = false
    var asked = 0
  }

  let state = Mutex(State())
  private let server: HTTPServer
  let port: Int

  init() throws {
    let box = Box()
    var routes = Routes()
    routes.get(InternalAPI.profilesPath) { request in try await box.market().profiles(request) }
    routes.post(InternalAPI.accessPath) { _, body in try box.market().access(body) }
    server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    port = try server.start()
    box.value.withLock { $0 = self }
  }

  private final class Box: Sendable {
    let value = Mutex<StubMarket?>(nil)

    func market() throws -> StubMarket {
      guard let market = value.withLock({ $0 }) else { throw ProblemDocument(status: 503) }
      return market
    }
  }

  var url: String { "http://127.0.0.1:\(port)" }

  func stop() async { await server.stop() }

  private func profiles(_ request: HTTPRequest) async throws -> HTTPResponse {
    let after = request.query.first("after").flatMap { Int64($0) } ?? 0
    var page = state.withLock { $0.page }
    for _ in 0..<50 where after >= page.version {
      try await Task.sleep(for: .milliseconds(20))
      page = state.withLock { $0.page }
    }
    return .json(try WireJSON.encode(page))
  }

  private func access(_ body: [UInt8]) throws -> HTTPResponse {
    let question = try WireJSON.decode(InternalAPI.AskAccess.self, from: body)
    let (readable, hidden, isBroken) = state.withLock { state in
      state.asked += 1
      return (state.readable[question.token], state.hidden, state.isBroken)
    }
    if isBroken { throw ProblemDocument(status: 500, detail: "broken") }
    guard let readable else { throw ProblemDocument(status: 401, code: "unknown_token", detail: "No such token.") }
    var apps: [AppID] = []
    for name in question.apps {
      if let app = readable[name] {
        apps.append(app)
      } else if hidden.contains(name) {
        throw ProblemDocument(status: 403, code: "forbidden", detail: "You are no member of the group of \(name).")
      } else {
        throw ProblemDocument(status: 404, code: "unknown_app", detail: "There is no app \(name); did you mean shop?")
      }
    }
    return .json(try WireJSON.encode(InternalAPI.Access(user: "user-of-\(question.token)", apps: apps)))
  }
}

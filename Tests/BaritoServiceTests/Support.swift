import BaritoCore
import BaritoService
import FoundationEssentials
import HTTP
import Logging
import Synchronization

extension ProfilePage {
  /// A page of one group and some apps, each with a secret of the app's name and version.
  static func of(_ version: Int64, apps: [String], more: Bool = false, group: String = "haza") -> ProfilePage {
    ProfilePage(
      version: version, more: more, groups: [.named(group)],
      apps: apps.enumerated().map { .named($0.element, id: Int64($0.offset + 1), in: group) })
  }
}

extension GroupProfile {
  static func named(_ name: String) -> GroupProfile {
    GroupProfile(
      clusterName: ClusterName(name), name: name, status: .active,
      cluster: ClusterEndpoints(kafkaBrokers: "127.0.0.1:1", elasticsearchURL: "http://127.0.0.1:1"))
  }
}

extension AppProfile {
  static func named(_ name: String, id: Int64, in group: String = "haza") -> AppProfile {
    AppProfile(
      id: AppID(id), clusterName: ClusterName(group), name: name, topicName: name, secrets: [SecretHash(of: name)])
  }
}

extension ProfileFeed {
  func knows(_ secret: String) -> Bool {
    let hash = SecretHash(of: secret)
    return read { $0.app(secret: hash) != nil }
  }
}

/// A path that no other test has, in a folder that goes with the machine's temporary files.
func temporaryPath(_ name: String = "profiles.json") -> String {
  FileManager.default.temporaryDirectory.appending(path: "barito-\(UInt64.random(in: 0...UInt64.max))/\(name)").path
}

/// Keeps what is logged.
final class LogRecorder: LogSink {
  private let lines = Mutex<[String]>([])

  func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
    lines.withLock { $0.append("\(level) \(message) \(metadata)") }
  }

  var text: String { lines.withLock { $0.joined(separator: "\n") } }
  func count(of text: String) -> Int { lines.withLock { $0.filter { $0.contains(text) }.count } }
  var logger: Logger { Logger(self, level: .trace) }
}

/// Answers the feed with what a test gives.
final class StubMarket: Sendable {
  private struct State {
    var answer: @Sendable (Int64) -> HTTPResponse
    var asked: [String] = []
  }

  private let state: Mutex<State>
  private let server: HTTPServer
  let url: String

  /// - Parameter answer: to the version that is asked for.
  init(_ answer: @escaping @Sendable (Int64) -> HTTPResponse) throws {
    state = Mutex(State(answer: answer))
    let holder = Holder()
    var routes = Routes()
    routes.get(InternalAPI.profilesPath) { request in
      guard let market = holder.market else { return .empty(500) }
      return await market.respond(to: request)
    }
    server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    url = "http://127.0.0.1:\(try server.start())"
    holder.set(self)
  }

  private final class Holder: Sendable {
    private struct Weak { weak var market: StubMarket? }
    private let box = Mutex(Weak())
    var market: StubMarket? { box.withLock { $0.market } }
    func set(_ market: StubMarket) { box.withLock { $0.market = market } }
  }

  /// What was asked: the query and the authorization.
  var asked: [String] { state.withLock { $0.asked } }

  func answer(_ answer: @escaping @Sendable (Int64) -> HTTPResponse) { state.withLock { $0.answer = answer } }

  func stop() async { await server.stop() }

  private func respond(to request: HTTPRequest) async -> HTTPResponse {
    let version = request.query.first("after").flatMap { Int64($0) } ?? -1
    let wait = request.query.first("wait") ?? ""
    let who = ["service", "instance", "routers", "leaving"].compactMap { request.query.first($0) }
    let answer = state.withLock { state in
      state.asked.append("\(version) \(wait) \(who.joined(separator: "/")) \(request.headers["Authorization"] ?? "")")
      return state.answer
    }
    return answer(version)
  }
}

extension HTTPResponse {
  static func page(_ page: ProfilePage) -> HTTPResponse { .json((try? WireJSON.encode(page)) ?? []) }
}

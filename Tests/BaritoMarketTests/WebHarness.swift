import BaritoCore
import BaritoService
import Cryptography
import HTTP
import Logging
import Metrics
import Postgres
import PostgresTesting
import Synchronization

@testable import BaritoMarket

/// A Market that serves pages and the API, on a database of its own.
struct WebHarness: Sendable {
  let pool: PostgresPool
  let database: Database
  let services: MarketServices
  let inbox: Inbox
  let routes: Routes
  private let offsets = Offsets()

  /// Counts the records that it makes.
  private final class Offsets: Sendable {
    private let next = Atomic<Int64>(0)
    var one: Int64 { next.add(1, ordering: .relaxed).oldValue }
  }

  static func run<Result>(
    elasticsearch: String = "http://127.0.0.1:1", _ body: (WebHarness) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDatabase(migrations: MarketSchema.migrations) { url in
      let harness = WebHarness(url: url)
      let result = try await body(harness)
      await harness.pool.close()
      return result
    }
  }

  private init(url: String) {
    pool = PostgresPool(PostgresConfiguration(url: url), limit: 10, acquireTimeout: .seconds(30))
    database = Database(pool)
    let clock = ServiceClock.system
    services = MarketServices(
      database: database, changes: ChangeSignal(),
      hasher: PasswordHasher(parameters: ScryptParameters(cost: 16, blockSize: 1, parallelism: 1)),
      addresses: MarketAddresses(
        publicURL: "http://127.0.0.1:8080", viewerURL: "http://127.0.0.1:8083", tailURL: "http://127.0.0.1:8084"),
      settings: OperationSettings(), serviceToken: "service", clock: { clock.wallMilliseconds }, logger: .silent)
    let metrics = MarketMetrics(MetricsRegistry())
    inbox = Inbox(database: database, metrics: metrics, logger: .silent)
    var routes = Market.routes(services, metrics)
    WebController(services: services, database: database, tempo: LiveTempo(interval: .milliseconds(100)))
      .register(in: &routes)
    self.routes = routes
  }

  var now: Int64 { services.clock() }

  /// Somebody who is signed in, with a browser.
  func browser(_ name: String, isSuperadmin: Bool = false) async throws -> (WebClient, Principal) {
    let made = try await database.transaction { transaction in
      try await UserStore(transaction).insert(name: name, passwordHash: nil, isSuperadmin: isSuperadmin)
    }
    guard let user = made else { throw MarketError(.nameTaken, name) }
    let token = Token.make()
    try await database.transaction { transaction in
      try await SessionStore(transaction).insert(Token.hash(token), user: user.id, lifetime: 600)
    }
    return (WebClient(routes, cookies: [services.authenticator.cookie.name: token]), Principal(user: user))
  }

  /// A group whose cluster is there.
  func activeGroup(
    _ name: String = "Payments", by principal: Principal, elasticsearch: String = "http://127.0.0.1:1"
  ) async throws -> AppGroup {
    let group = try await services.groups.create(name: name, size: .template("small"), by: principal)
    try await provision(group, elasticsearch: elasticsearch)
    return group
  }

  /// Tells of a group's cluster what the Provisioner would.
  func provision(_ group: AppGroup, elasticsearch: String = "http://127.0.0.1:1") async throws {
    let cluster = ClusterEndpoints(kafkaBrokers: "k:9092", elasticsearchURL: elasticsearch)
    for (index, status) in [
      ProvisioningStatus.deploymentStarted, .deploymentFinished, .provisioningStarted, .provisioningFinished,
      .bootstrapStarted, .bootstrapFinished, .verifying, .finished,
    ].enumerated() {
      try await tell(
        group, status, components: GroupComponents.good, cluster: status == .verifying ? cluster : nil,
        at: now + Int64(index))
    }
  }

  func tell(
    _ group: AppGroup, _ status: ProvisioningStatus, component: String? = nil, message: String = "",
    components: [ComponentState] = [], cluster: ClusterEndpoints? = nil, at: Int64
  ) async throws {
    let newest = try await database.transaction { try await ProvisioningStore($0).newest(of: group.id) }
    guard let newest else { throw MarketError(.internal, "the group has no request") }
    let event = newest.event(
      status, component: component, message: message, components: components, cluster: cluster, at: at)
    try await inbox.apply([try InboxRecord(event, offset: offsets.one)])
  }

  /// Tells of an app what Router and Flow would.
  func count(
    _ app: AppID, accepted: Int64 = 0, indexed: Int64 = 0, refused: [String: Int64] = [:], quarantined: Int64 = 0,
    at: Int64? = nil
  ) async throws {
    let at = at ?? now
    let usage = AppUsage(
      app: app, accepted: accepted, bytes: accepted * 412, refused: refused, indexed: indexed, quarantined: quarantined,
      lastLineAt: accepted > 0 ? at : nil)
    let report = UsageReport(
      service: "router", instance: "test", clusterName: ClusterName("any"), from: at - 1_000, to: at, apps: [usage])
    try await inbox.apply([try InboxRecord(report, offset: offsets.one)])
  }
}

enum GroupComponents {
  static let good: [ComponentState] = [
    ComponentState(hostname: "kafka-01", type: .kafka, status: .bootstrapFinished, ipAddress: "10.4.1.11"),
    ComponentState(
      hostname: "elasticsearch-01", type: .elasticsearch, status: .bootstrapFinished, ipAddress: "10.4.1.21"),
    ComponentState(hostname: "kibana-01", type: .kibana, status: .bootstrapFinished, ipAddress: "10.4.1.31"),
  ]
}

/// A browser without a screen or a socket: keeps cookies, reads the token of the last page's forms.
final class WebClient: Sendable {
  struct Answer: Sendable {
    var status: Int
    var text: String
    var headers: HTTPHeaders
    var location: String? { headers["Location"] }
  }

  private struct State: Sendable {
    var cookies: [String: String]
    var csrf = ""
  }

  private let routes: Routes
  private let state: Mutex<State>

  init(_ routes: Routes, cookies: [String: String] = [:]) {
    self.routes = routes
    state = Mutex(State(cookies: cookies))
  }

  var cookies: [String: String] { state.withLock(\.cookies) }

  func get(_ target: String, accept: String = "text/html", headers: [String: String] = [:]) async throws -> Answer {
    try await ask("GET", target, accept, [], headers)
  }

  /// Sends a form.
  /// - Parameter csrf: nil: the token of the page loaded last.
  func post(
    _ target: String, _ fields: [(String, String)] = [], csrf: String? = nil, accept: String = "text/html"
  ) async throws -> Answer {
    let fields = fields + [(CSRFToken.fieldName, csrf ?? state.withLock(\.csrf))]
    let body = fields.map { "\(MarketRoutes.segment($0.0))=\(MarketRoutes.segment($0.1))" }.joined(separator: "&")
    return try await ask("POST", target, accept, Array(body.utf8), [:])
  }

  private func ask(
    _ method: String, _ target: String, _ accept: String, _ body: [UInt8], _ more: [String: String]
  ) async throws -> Answer {
    var headers: HTTPHeaders = ["Accept": accept]
    for (name, value) in more { headers.add(name, value) }
    let sent = cookies
    if !sent.isEmpty { headers.add("Cookie", sent.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")) }
    guard let request = HTTPRequest(method: method, target: target, headers: headers) else {
      throw MarketError(.malformed, target)
    }
    let response = await routes.respond(to: request, body: body)
    var text = ""
    if case .bytes(let bytes) = response.body { text = String(decoding: bytes, as: UTF8.self) }
    state.withLock { state in
      for cookie in response.headers.all("Set-Cookie") {
        let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        state.cookies[String(pair[0])] = cookie.contains("Max-Age=0") ? nil : String(pair[1])
      }
      let marker = "name=\"csrf\" value=\""
      if let found = text.utf8.firstRange(of: marker.utf8) {
        state.csrf = String(text[found.upperBound...].prefix { $0 != "\"" })
      }
    }
    return Answer(status: response.status, text: text, headers: response.headers)
  }
}

import BaritoCore
import Cryptography
import HTTP
import Logging
import Metrics
import Postgres
import PostgresTesting
import Synchronization

@testable import BaritoMarket

/// A Market on a database of its own, without sockets.
struct MarketHarness: Sendable {
  let url: String
  let pool: PostgresPool
  let database: Database
  let changes: ChangeSignal
  let services: MarketServices
  let metrics: MarketMetrics
  let routes: Routes
  let time: Time

  static let serviceToken = "the-token-of-all-services"

  /// A clock that a test moves.
  final class Time: Sendable {
    private let now = Mutex<Int64>(1_800_000_000_000)
    var milliseconds: Int64 { now.withLock { $0 } }
    func advance(seconds: Int64) { now.withLock { $0 += seconds * 1_000 } }
  }

  static func run<Result>(_ body: (MarketHarness) async throws -> Result) async throws -> Result {
    try await withTemporaryDatabase(migrations: MarketSchema.migrations) { url in
      let harness = MarketHarness(url: url)
      let result = try await body(harness)
      await harness.pool.close()
      return result
    }
  }

  /// Another Market on the same database.
  init(url: String, time: Time = Time()) {
    self.url = url
    self.time = time
    pool = PostgresPool(PostgresConfiguration(url: url), limit: 10, acquireTimeout: .seconds(30))
    database = Database(pool)
    changes = ChangeSignal()
    let cheap = ScryptParameters(cost: 16, blockSize: 1, parallelism: 1)
    var settings = OperationSettings()
    settings.maximumApps = 5
    services = MarketServices(
      database: database, changes: changes, hasher: PasswordHasher(parameters: cheap),
      addresses: MarketAddresses(
        publicURL: "http://127.0.0.1:8080", viewerURL: "http://127.0.0.1:8083", tailURL: "http://127.0.0.1:8084"),
      settings: settings, serviceToken: MarketHarness.serviceToken, clock: { time.milliseconds }, logger: .silent)
    metrics = MarketMetrics(MetricsRegistry())
    routes = Market.routes(services, metrics)
  }

  /// A user who is there already, with all scopes of a session.
  func user(_ name: String, isSuperadmin: Bool = false) async throws -> Principal {
    let user = try await database.transaction { transaction in
      try await UserStore(transaction).insert(name: name, passwordHash: nil, isSuperadmin: isSuperadmin)
    }
    guard let user else { throw MarketError(.nameTaken, name) }
    return Principal(user: user)
  }

  /// An API token of a user, in clear.
  func token(_ principal: Principal, _ scopes: Set<Scope> = [.admin]) async throws -> String {
    try await services.accounts.createToken(name: "test", scopes: scopes, by: principal).value
  }

  func group(_ name: String = "Payments", by principal: Principal) async throws -> AppGroup {
    try await services.groups.create(name: name, size: .template("small"), by: principal)
  }

  func app(_ name: String, in group: AppGroup, by principal: Principal) async throws -> Apps.Registered {
    try await services.apps.register(.init(name: name), in: group.clusterName, by: principal)
  }

  func newestRequest(of group: AppGroup) async throws -> Infrastructure? {
    try await database.transaction { try await ProvisioningStore($0).newest(of: group.id) }
  }

  var inbox: Inbox { Inbox(database: database, metrics: metrics, logger: .silent) }

  /// Asks the API; the token goes as bearer.
  func call(
    _ method: String, _ target: String, token: String?, body: String = ""
  ) async throws -> (status: Int, json: JSONValue, headers: HTTPHeaders) {
    var headers = HTTPHeaders()
    if let token { headers.add("Authorization", "Bearer \(token)") }
    guard let request = HTTPRequest(method: method, target: target, headers: headers) else {
      throw MarketError(.malformed, target)
    }
    let response = await routes.respond(to: request, body: Array(body.utf8))
    guard case .bytes(let bytes) = response.body else { throw MarketError(.malformed, "a stream") }
    let json = bytes.isEmpty ? .null : try WireJSON.decode(JSONValue.self, from: bytes)
    return (response.status, json, response.headers)
  }
}

extension JSONValue {
  subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
  var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
  var list: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  var keys: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }
}

let demoEndpoints = ClusterEndpoints(
  kafkaBrokers: "k:9092", elasticsearchURL: "http://es:9200", naming: TopicNaming(prefix: "demo."))

extension Infrastructure {
  func event(
    _ status: ProvisioningStatus, component: String? = nil, message: String = "", components: [ComponentState] = [],
    cluster: ClusterEndpoints? = nil, at: Int64
  ) -> ProvisioningEvent {
    ProvisioningEvent(
      requestID: requestID, clusterName: clusterName, status: status, component: component, message: message,
      components: components, cluster: cluster, at: at)
  }
}

extension InboxRecord {
  init(_ event: ProvisioningEvent, offset: Int64) throws {
    self.init(
      topic: PlatformTopic.provisioningEvents, partition: 0, offset: offset, timestamp: event.at,
      value: try WireJSON.encode(event))
  }

  init(_ report: UsageReport, offset: Int64, partition: Int32 = 0) throws {
    self.init(
      topic: PlatformTopic.usage, partition: partition, offset: offset, timestamp: report.to,
      value: try WireJSON.encode(report))
  }
}

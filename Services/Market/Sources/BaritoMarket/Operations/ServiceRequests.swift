public import BaritoCore

/// What the other services ask besides the feed.
public struct ServiceRequests: Sendable {
  private let database: Database
  private let authenticator: Authenticator

  init(database: Database, authenticator: Authenticator) {
    self.database = database
    self.authenticator = authenticator
  }

  /// The app that a group's secret names, made when there is none.
  /// - Throws: `notFound`, `tooManyApps`, `invalid`.
  public func createApp(_ request: InternalAPI.CreateApp) async throws -> AppProfile {
    let topicName = try Apps.topicName(request.name)
    // Most of the time it is there, and nobody has to wait.
    let known = try await database.transaction { transaction -> AppProfile? in
      let group = try await ServiceRequests.group(request.clusterName, transaction)
      return try await ServiceRequests.profile(topicName, in: group, transaction)
    }
    if let known { return known }
    return try await database.profileChange { transaction in
      let group = try await ServiceRequests.group(request.clusterName, transaction)
      if let known = try await ServiceRequests.profile(topicName, in: group, transaction) { return known }
      let apps = AppStore(transaction)
      guard try await apps.count(in: group.id) < group.maximumApps else { throw MarketError.tooManyApps(in: group) }
      guard let app = try await apps.insert(.init(group: group.id, name: request.name, topicName: topicName)),
        let profile = try await ProfileStore(transaction).app(app.id)
      else { throw MarketError(.internal, "an app that nobody else can have registered could not be") }
      try await AuditStore(transaction).append("app.create", actor: "router", group: group.id, subject: app.name)
      return profile
    }
  }

  /// Whether whoever holds a token may read these apps. Each question is audited, with its answer.
  /// - Throws: `unauthenticated`, `forbidden`, `notFound`.
  public func access(_ question: InternalAPI.AskAccess) async throws -> InternalAPI.Access {
    guard let principal = try await authenticator.principal(token: question.token) else {
      throw MarketError(.unauthenticated, "The API token is not known, or was revoked.")
    }
    return try await database.transaction { transaction in
      let resolver = AppResolver(transaction, principal)
      var ids: [AppID] = []
      for name in question.apps {
        let app = try await resolver.app(name)
        try await AuditStore(transaction).append("app.tail", by: principal, group: app.group, subject: app.name)
        ids.append(app.id)
      }
      return InternalAPI.Access(user: principal.user.name, apps: ids)
    }
  }

  /// A fresh secret of the app with which the Provisioner proves a new cluster.
  public func probe(_ cluster: ClusterName) async throws -> InternalAPI.Probe {
    let value = Token.make(Token.secretPrefix)
    return try await database.profileChange { transaction in
      let group = try await ServiceRequests.group(cluster, transaction)
      let apps = AppStore(transaction)
      let found = try await apps.probe(of: group.id)
      let new = AppStore.New(
        group: group.id, name: ServiceRequests.probeName, topicName: ServiceRequests.probeName, retentionDays: 1,
        isProbe: true)
      guard let app = try await found == nil ? apps.insert(new) : found else {
        throw MarketError(.conflict, "The group \(cluster) has an app called \(ServiceRequests.probeName).")
      }
      let secrets = SecretStore(transaction)
      for old in try await secrets.all(of: .app(app.id)).dropLast() {
        _ = try await secrets.revoke(old.id, of: .app(app.id))
      }
      guard try await secrets.insert(Token.hash(value), of: .app(app.id)) != nil else {
        throw MarketError.tooManySecrets
      }
      return InternalAPI.Probe(app: app.id, secret: value)
    }
  }

  /// No name that a person could choose: those end with a letter or a digit.
  static let probeName = "barito-probe_"

  private static func group(_ cluster: ClusterName, _ transaction: Transaction) async throws -> AppGroup {
    guard let group = try await GroupStore(transaction).find(cluster) else {
      throw MarketError(.notFound, "There is no group \(cluster).")
    }
    return group
  }

  private static func profile(
    _ topicName: String, in group: AppGroup, _ transaction: Transaction
  ) async throws -> AppProfile? {
    guard let app = try await AppStore(transaction).find(topicName: topicName, in: group.id) else { return nil }
    return try await ProfileStore(transaction).app(app.id)
  }
}

/// Finds the app that a person means.
struct AppResolver {
  private let transaction: Transaction
  private let principal: Principal

  init(_ transaction: Transaction, _ principal: Principal) {
    self.transaction = transaction
    self.principal = principal
  }

  /// - Parameter text: an app's number, its name where that is unique among the user's, or `<cluster_name>/<name>`.
  /// - Throws: `notFound`; `forbidden` when its lines may not be read.
  func app(_ text: String) async throws -> App {
    let missing = MarketError(.notFound, "There is no app \(text) that you may see.")
    if let number = Int64(text) {
      return try await Access(transaction, principal).app(AppID(number), for: .readLines).app
    }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.last, let topicName = try? AppName.topicName(for: String(name)) else { throw missing }
    if parts.count == 2 {
      let group = try await Access(transaction, principal).group(ClusterName(String(parts[0])), for: .readLines).group
      guard let app = try await AppStore(transaction).find(topicName: topicName, in: group.id), !app.isProbe else {
        throw missing
      }
      return app
    }
    let all = try await AppStore(transaction).visible(to: principal.user.id, all: principal.user.isSuperadmin)
    let found = all.filter { $0.topicName == topicName }
    guard let app = found.first else { throw missing }
    guard found.count == 1 else {
      let choices = found.map { "\($0.clusterName)/\($0.name)" }.joined(separator: ", ")
      throw MarketError(.notFound, "Several apps are called \(text). Say which: \(choices).")
    }
    return try await Access(transaction, principal).app(app.id, for: .readLines).app
  }
}

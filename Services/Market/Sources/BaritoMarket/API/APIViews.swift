internal import BaritoCore

/// Moments as RFC 3339.
func rfc3339(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds)?.description ?? "" }

struct GroupView: Encodable, Sendable {
  var clusterName: String
  var name: String
  var template: String
  var status: String
  var role: Nullable<String>
  var maxTPS: Nullable<Int>
  var maxBytesPerSecond: Nullable<Int>
  var maximumApps: Int
  var retentionDays: Int
  var createdAt: String

  init(_ group: AppGroup, _ infrastructure: Infrastructure?, role: Role?) {
    clusterName = group.clusterName.rawValue
    name = group.name
    template = group.template.name
    status = GroupState.word(group, infrastructure)
    self.role = Nullable(role?.rawValue)
    maxTPS = Nullable(group.limits.linesPerSecond)
    maxBytesPerSecond = Nullable(group.limits.bytesPerSecond)
    maximumApps = group.maximumApps
    retentionDays = group.retentionDays
    createdAt = rfc3339(group.createdAt)
  }
}

struct GroupDetailView: Encodable, Sendable {
  struct Component: Encodable, Sendable {
    var hostname: String
    var type: String
    var status: String
    var ipAddress: Nullable<String>
    var message: String
  }

  struct Step: Encodable, Sendable {
    var status: String
    var component: Nullable<String>
    var message: String
    var at: String
  }

  struct Provisioning: Encodable, Sendable {
    var requestId: String
    var kind: String
    var status: String
    var component: Nullable<String>
    var message: String
    var steps: [Step]
  }

  private enum CodingKeys: String, CodingKey { case components, provisioning, secrets, kibanaURL }

  var group: GroupView
  var components: [Component]
  var provisioning: Nullable<Provisioning>
  var secrets: [SecretView]
  var kibanaURL: Nullable<String>

  init(_ detail: Groups.Detail) {
    group = GroupView(detail.group, detail.infrastructure, role: detail.role)
    components = detail.components.map {
      Component(
        hostname: $0.hostname, type: $0.type.rawValue, status: $0.status.rawValue, ipAddress: Nullable($0.ipAddress),
        message: $0.message)
    }
    let steps = detail.steps.map {
      Step(status: $0.status.rawValue, component: Nullable($0.component), message: $0.message, at: rfc3339($0.at))
    }
    provisioning = Nullable(
      detail.infrastructure.map {
        Provisioning(
          requestId: $0.requestID, kind: $0.kind.rawValue, status: $0.state.status.rawValue,
          component: Nullable($0.state.component), message: $0.state.message, steps: steps)
      })
    secrets = detail.secrets.map(SecretView.init)
    kibanaURL = Nullable(detail.group.endpoints?.kibanaURL)
  }

  func encode(to encoder: any Encoder) throws {
    try group.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(components, forKey: .components)
    try container.encode(provisioning, forKey: .provisioning)
    try container.encode(secrets, forKey: .secrets)
    try container.encode(kibanaURL, forKey: .kibanaURL)
  }
}

struct SecretView: Encodable, Sendable {
  var id: Int64
  var createdAt: String
  var lastUsedAt: Nullable<String>

  init(_ secret: StoredSecret) {
    id = secret.id
    createdAt = rfc3339(secret.createdAt)
    lastUsedAt = Nullable(secret.lastUsedAt.map(rfc3339))
  }
}

struct NewSecretView: Encodable, Sendable {
  var id: Int64
  var value: String

  init(_ secret: NewSecret) {
    id = secret.id
    value = secret.value
  }
}

struct AppView: Encodable, Sendable {
  var id: Int64
  var clusterName: String
  var name: String
  var topic: String
  var indexPrefix: String
  var produceURL: String
  var status: String
  var maxTPS: Nullable<Int>
  var maxBytesPerSecond: Nullable<Int>
  var retentionDays: Int
  var overload: String
  var linesPerSecond: Double
  var bytesPerSecond: Double
  var refusedPerSecond: Double
  var lastLineAt: Nullable<String>
  var secrets: [SecretView]
  var createdAt: String

  init(_ detail: Apps.Detail, produceURL: String) {
    id = detail.app.id.rawValue
    clusterName = detail.app.clusterName.rawValue
    name = detail.app.name
    topic = detail.topic
    indexPrefix = detail.indexPrefix
    self.produceURL = produceURL
    status = detail.app.status.rawValue
    maxTPS = Nullable(detail.app.limits.linesPerSecond)
    maxBytesPerSecond = Nullable(detail.app.limits.bytesPerSecond)
    retentionDays = detail.app.retentionDays
    overload = detail.app.overload.rawValue
    linesPerSecond = detail.rate.linesPerSecond
    bytesPerSecond = detail.rate.bytesPerSecond
    refusedPerSecond = detail.rate.refusedPerSecond
    lastLineAt = Nullable(detail.rate.lastLineAt.map(rfc3339))
    secrets = detail.secrets.map(SecretView.init)
    createdAt = rfc3339(detail.app.createdAt)
  }
}

struct RegisteredAppView: Encodable, Sendable {
  private enum CodingKeys: String, CodingKey { case secret }

  var app: AppView
  var secret: NewSecretView

  func encode(to encoder: any Encoder) throws {
    try app.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(secret, forKey: .secret)
  }
}

struct MemberView: Encodable, Sendable {
  var user: String
  var role: String
  var addedAt: String

  init(_ member: Member) {
    user = member.name
    role = member.role.rawValue
    addedAt = rfc3339(member.addedAt)
  }
}

struct MeView: Encodable, Sendable {
  var user: String
  var administrator: Bool
  var scopes: [String]

  init(_ principal: Principal) {
    user = principal.user.name
    administrator = principal.user.isSuperadmin
    scopes = (principal.scopes.map(Array.init) ?? Scope.allCases).map(\.rawValue).sorted()
  }
}

struct InfrastructureView: Encodable, Sendable {
  var clusterName: String
  var group: String
  var kind: String
  var status: String
  var component: Nullable<String>
  var message: String
  var requestedAt: String

  init(_ infrastructure: Infrastructure) {
    clusterName = infrastructure.clusterName.rawValue
    group = infrastructure.groupName
    kind = infrastructure.kind.rawValue
    status = infrastructure.state.status.rawValue
    component = Nullable(infrastructure.state.component)
    message = infrastructure.state.message
    requestedAt = rfc3339(infrastructure.requestedAt)
  }
}

struct AuditView: Encodable, Sendable {
  var id: Int64
  var at: String
  var actor: String
  var action: String
  var subject: String
  var detail: String

  init(_ entry: AuditEntry) {
    id = entry.id
    at = rfc3339(entry.at)
    actor = entry.actor
    action = entry.action
    subject = entry.subject
    detail = entry.detail
  }
}

struct TokenView: Encodable, Sendable {
  var id: Int64
  var name: String
  var scopes: [String]
  var createdAt: String
  var lastUsedAt: Nullable<String>

  init(_ token: APIToken) {
    id = token.id
    name = token.name
    scopes = token.scopes.map(\.rawValue).sorted()
    createdAt = rfc3339(token.createdAt)
    lastUsedAt = Nullable(token.lastUsedAt.map(rfc3339))
  }
}

struct UserView: Encodable, Sendable {
  var id: Int64
  var name: String
  var administrator: Bool
  var system: Bool
  var deactivated: Bool
  var createdAt: String

  init(_ user: User) {
    id = user.id.rawValue
    name = user.name
    administrator = user.isSuperadmin
    system = user.isSystem
    deactivated = user.isDeactivated
    createdAt = rfc3339(user.createdAt)
  }
}

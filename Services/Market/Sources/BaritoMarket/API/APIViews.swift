internal import BaritoCore

/// Moments as RFC 3339.
func rfc3339(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds)?.description ?? "" }

struct GroupView: Encodable, Sendable {
  var cluster_name: String
  var name: String
  var template: String
  var status: String
  var role: Nullable<String>
  var max_tps: Nullable<Int>
  var maximum_apps: Int
  var retention_days: Int
  var created_at: String

  init(_ group: AppGroup, _ infrastructure: Infrastructure?, role: Role?) {
    cluster_name = group.clusterName.rawValue
    name = group.name
    template = group.template.name
    status = GroupState.word(group, infrastructure)
    self.role = Nullable(role?.rawValue)
    max_tps = Nullable(group.limits.linesPerSecond)
    maximum_apps = group.maximumApps
    retention_days = group.retentionDays
    created_at = rfc3339(group.createdAt)
  }
}

struct GroupDetailView: Encodable, Sendable {
  struct Component: Encodable, Sendable {
    var hostname: String
    var type: String
    var status: String
    var ip_address: Nullable<String>
    var message: String
  }

  struct Step: Encodable, Sendable {
    var status: String
    var component: Nullable<String>
    var message: String
    var at: String
  }

  struct Provisioning: Encodable, Sendable {
    var request_id: String
    var kind: String
    var status: String
    var component: Nullable<String>
    var message: String
    var steps: [Step]
  }

  private enum CodingKeys: String, CodingKey { case components, provisioning, secrets, kibana_url }

  var group: GroupView
  var components: [Component]
  var provisioning: Nullable<Provisioning>
  var secrets: [SecretView]
  var kibanaURL: Nullable<String>

  init(_ detail: Groups.Detail) {
    group = GroupView(detail.group, detail.infrastructure, role: detail.role)
    components = detail.components.map {
      Component(
        hostname: $0.hostname, type: $0.type.rawValue, status: $0.status.rawValue, ip_address: Nullable($0.ipAddress),
        message: $0.message)
    }
    let steps = detail.steps.map {
      Step(status: $0.status.rawValue, component: Nullable($0.component), message: $0.message, at: rfc3339($0.at))
    }
    provisioning = Nullable(
      detail.infrastructure.map {
        Provisioning(
          request_id: $0.requestID, kind: $0.kind.rawValue, status: $0.state.status.rawValue,
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
    try container.encode(kibanaURL, forKey: .kibana_url)
  }
}

struct SecretView: Encodable, Sendable {
  var id: Int64
  var created_at: String
  var last_used_at: Nullable<String>

  init(_ secret: StoredSecret) {
    id = secret.id
    created_at = rfc3339(secret.createdAt)
    last_used_at = Nullable(secret.lastUsedAt.map(rfc3339))
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
  var cluster_name: String
  var name: String
  var topic: String
  var index_prefix: String
  var produce_url: String
  var status: String
  var max_tps: Nullable<Int>
  var max_bytes_per_second: Nullable<Int>
  var retention_days: Int
  var overload: String
  var lines_per_second: Double
  var bytes_per_second: Double
  var refused_per_second: Double
  var last_line_at: Nullable<String>
  var secrets: [SecretView]
  var created_at: String

  init(_ detail: Apps.Detail, produceURL: String) {
    id = detail.app.id.rawValue
    cluster_name = detail.app.clusterName.rawValue
    name = detail.app.name
    topic = detail.topic
    index_prefix = detail.indexPrefix
    produce_url = produceURL
    status = detail.app.status.rawValue
    max_tps = Nullable(detail.app.limits.linesPerSecond)
    max_bytes_per_second = Nullable(detail.app.limits.bytesPerSecond)
    retention_days = detail.app.retentionDays
    overload = detail.app.overload.rawValue
    lines_per_second = detail.rate.linesPerSecond
    bytes_per_second = detail.rate.bytesPerSecond
    refused_per_second = detail.rate.refusedPerSecond
    last_line_at = Nullable(detail.rate.lastLineAt.map(rfc3339))
    secrets = detail.secrets.map(SecretView.init)
    created_at = rfc3339(detail.app.createdAt)
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
  var added_at: String

  init(_ member: Member) {
    user = member.name
    role = member.role.rawValue
    added_at = rfc3339(member.addedAt)
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
  var cluster_name: String
  var group: String
  var kind: String
  var status: String
  var component: Nullable<String>
  var message: String
  var requested_at: String

  init(_ infrastructure: Infrastructure) {
    cluster_name = infrastructure.clusterName.rawValue
    group = infrastructure.groupName
    kind = infrastructure.kind.rawValue
    status = infrastructure.state.status.rawValue
    component = Nullable(infrastructure.state.component)
    message = infrastructure.state.message
    requested_at = rfc3339(infrastructure.requestedAt)
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
  var created_at: String
  var last_used_at: Nullable<String>

  init(_ token: APIToken) {
    id = token.id
    name = token.name
    scopes = token.scopes.map(\.rawValue).sorted()
    created_at = rfc3339(token.createdAt)
    last_used_at = Nullable(token.lastUsedAt.map(rfc3339))
  }
}

struct UserView: Encodable, Sendable {
  var id: Int64
  var name: String
  var administrator: Bool
  var system: Bool
  var deactivated: Bool
  var created_at: String

  init(_ user: User) {
    id = user.id.rawValue
    name = user.name
    administrator = user.isSuperadmin
    system = user.isSystem
    deactivated = user.isDeactivated
    created_at = rfc3339(user.createdAt)
  }
}

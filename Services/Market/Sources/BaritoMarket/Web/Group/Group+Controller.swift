import BaritoCore
import HTTP

/// A group: what runs for it, how far its cluster is, who is in it.
extension WebController {
  var groupRoutes: [WebRoute] {
    let page: @Sendable (HTTPRequest) -> String = { MarketRoutes.group($0.parameters["cluster_name"] ?? "") }
    return [
      .get(MarketRoutes.groupPattern) { try await group($0) },
      .get(MarketRoutes.groupEventsPattern, page: page) { try await groupEvents($0) },
      .post(MarketRoutes.groupLimitsPattern, page: page) { try await groupLimitsChanged($0) },
      .post(MarketRoutes.retryGroupPattern, page: page) { call in
        try await change(
          on: MarketRoutes.group(call.cluster.rawValue), call, done: "Provisioning is asked for again."
        ) { try await services.groups.retryProvisioning(call.cluster, by: try call.principal) }
      },
    ]
  }

  /// - Parameter form: limits that were typed and cannot be; nil for what holds.
  func group(_ call: WebCall, _ form: LimitsForm? = nil, status: Int = 200) async throws -> HTTPResponse {
    let principal = try call.principal
    let detail = try await services.groups.find(call.cluster, principal)
    let apps = try await services.apps.list(in: call.cluster, principal)
    let members = try await services.members.list(call.cluster, principal)
    let now = services.clock()
    let recent = try await services.apps.accepted(
      of: apps.map(\.app.id), seconds: AppSummary.span, step: AppSummary.step)
    let reading = GroupReading(
      group: detail.group, infrastructure: detail.infrastructure, events: detail.steps, components: detail.components)
    let page = GroupPage(
      clusterName: detail.group.clusterName.rawValue, name: detail.group.name,
      template: detail.group.template.name.prefix(1).uppercased() + detail.group.template.name.dropFirst(),
      maxTPS: detail.group.limits.linesPerSecond ?? detail.group.template.maxTPS, meaning: reading.meaning,
      status: reading.word, group: try await navigation(detail.group, apps: apps, now: now), steps: reading.steps,
      isProvisioned: detail.group.stage == .active,
      apps: MyAppsPage.sorted(apps.map { MyAppsPage.Row($0, recent[$0.app.id] ?? [], now: now) }),
      components: detail.components.map(GroupPage.ComponentRow.init),
      members: members.map { GroupPage.Member(userName: $0.name, role: $0.role.rawValue) },
      mayRegister: Policy.allows(.createApp, to: principal, role: detail.role),
      mayRetry: reading.hasFailed && Policy.allows(.retryProvisioning, to: principal, role: detail.role),
      redaction: detail.group.redaction,
      limitsForm: Policy.allows(.changeGroup, to: principal, role: detail.role)
        ? form ?? LimitsForm(detail.group.limits) : nil)
    return try await render(page, call, status: status)
  }

  private func groupEvents(_ call: WebCall) async throws -> HTTPResponse {
    let cluster = call.cluster
    let detail = try await services.groups.find(cluster, try call.principal)
    let mayRetry = Policy.allows(.retryProvisioning, to: try call.principal, role: detail.role)
    let csrf = call.visitor.csrf
    return stream(call) {
      _ = try await services.groups.find(cluster, try await stillSignedIn(call))
    } parts: { now in
      let reading = try await provisioning(of: detail.group.id)
      let rows = reading.components.map(GroupPage.ComponentRow.init)
      return [
        LivePart(at: now) { _ in GroupPage.stateFragment(reading.meaning, reading.word) },
        LivePart(at: now) {
          GroupPage.stepsFragment(
            reading.steps, retry: mayRetry && reading.hasFailed ? MarketRoutes.retryGroup(cluster.rawValue) : nil,
            csrf: csrf, now: $0)
        },
        LivePart(at: now) { GroupPage.componentsFragment(rows, now: $0) },
      ]
    }
  }

  /// How far a group's cluster is, shared by all who look at it.
  func provisioning(of group: GroupID) async throws -> GroupReading {
    try await provisionings.reading(of: "\(group)") { [database] _ in
      try await database.snapshot { transaction in
        guard let found = try await GroupStore(transaction).find(group) else {
          throw MarketError(.notFound, "The group was deleted.")
        }
        let store = ProvisioningStore(transaction)
        let newest = try await store.newest(of: group)
        var events: [ProvisioningStep] = []
        if let newest { events = try await store.events(of: newest.requestID) }
        return GroupReading(
          group: found, infrastructure: newest, events: events, components: try await store.components(of: group))
      }
    }
  }
}

import BaritoCore
import HTTP

/// What administrators of the platform see.
extension WebController {
  var platformRoutes: [WebRoute] {
    [.get(MarketRoutes.infrastructures) { try await infrastructures($0) }]
  }

  private func infrastructures(_ call: WebCall) async throws -> HTTPResponse {
    let principal = try call.principal
    let all = try await services.platform.infrastructures(principal).filter {
      $0.kind == .create || $0.state.status != .deleted
    }
    let groups = try await services.groups.list(principal).reduce(into: [:]) { $0[$1.group.id] = $1.group }
    let apps = try await services.apps.list(principal).reduce(into: [GroupID: [Apps.Detail]]()) {
      $0[$1.group.id, default: []].append($1)
    }
    let components = try await database.snapshot { try await ReadingStore($0).components(of: all.map(\.group)) }
    let rows = all.map { infrastructure -> InfrastructuresPage.Group in
      let group = groups[infrastructure.group]
      let details = apps[infrastructure.group] ?? []
      let hasFailed = infrastructure.state.status.isError
      return InfrastructuresPage.Group(
        clusterName: infrastructure.clusterName.rawValue, name: infrastructure.groupName,
        template: group?.template.name ?? "", meaning: GroupReading.meaning(of: group, infrastructure),
        status: GroupReading.word(for: group, infrastructure), appCount: details.count,
        linesPerSecond: group == nil ? nil : details.reduce(0) { $0 + $1.rate.linesPerSecond },
        components: (components[infrastructure.group] ?? []).map(GroupPage.ComponentRow.init),
        message: hasFailed
          ? (infrastructure.state.component.map { "\($0): " } ?? "") + infrastructure.state.message : "")
    }
    return try await render(InfrastructuresPage(groups: InfrastructuresPage.sorted(rows)), call)
  }
}

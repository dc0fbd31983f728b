internal import BaritoCore
internal import HTTP

extension APIController {
  var groupEndpoints: [APIEndpoint] {
    [
      APIEndpoint(
        method: "GET", path: "/api/v1/groups", summary: "Lists the groups that you may see.", status: 200,
        response: "Group", isList: true
      ) { call in
        let groups = try await services.groups.list(call.principal)
        return try .json(groups.map { GroupView($0.group, $0.infrastructure, role: $0.role) })
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/groups", summary: "Registers a group and orders its cluster.",
        request: "NewGroup", status: 202, response: "Group"
      ) { call in
        let (name, size) = try call.body { try APIController.newGroup(&$0) }
        let group = try await services.groups.create(name: name, size: size, by: call.principal)
        return try .json(GroupView(group, nil, role: .owner), status: 202)
          .with("Location", "/api/v1/groups/\(group.clusterName)")
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/groups/{cluster_name}", summary: "Shows a group and its components.",
        status: 200, response: "GroupDetail"
      ) { call in
        try .json(GroupDetailView(try await services.groups.find(call.cluster, call.principal)))
      },
      APIEndpoint(
        method: "PATCH", path: "/api/v1/groups/{cluster_name}", summary: "Changes a group.", request: "GroupChange",
        status: 200, response: "GroupDetail"
      ) { call in
        let change = try call.body { body in
          Groups.Change(
            name: body.optionalText("name"), isEnabled: body.optionalBoolean("enabled"),
            maximumApps: body.optionalInteger("maximum_apps"), linesPerSecond: body.optionalInteger("max_tps"),
            bytesPerSecond: body.setting("max_bytes_per_second"),
            retentionDays: body.optionalInteger("retention_days"))
        }
        _ = try await services.groups.change(call.cluster, change, by: call.principal)
        return try .json(GroupDetailView(try await services.groups.find(call.cluster, call.principal)))
      },
      APIEndpoint(
        method: "DELETE", path: "/api/v1/groups/{cluster_name}", summary: "Ends a group, its apps and its cluster.",
        status: 204
      ) { call in
        try await services.groups.delete(call.cluster, by: call.principal)
        return .empty()
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/groups/{cluster_name}/retry", summary: "Orders again what failed.", status: 202,
        response: "GroupDetail"
      ) { call in
        try await services.groups.retryProvisioning(call.cluster, by: call.principal)
        return try .json(
          GroupDetailView(try await services.groups.find(call.cluster, call.principal)), status: 202)
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/groups/{cluster_name}/secrets",
        summary: "Makes a secret for all apps of a group.", status: 201, response: "NewSecret"
      ) { call in
        try .json(
          NewSecretView(try await services.groups.createSecret(call.cluster, by: call.principal)), status: 201)
      },
      APIEndpoint(
        method: "DELETE", path: "/api/v1/groups/{cluster_name}/secrets/{secret_id}",
        summary: "Revokes a secret of a group.", status: 204
      ) { call in
        let secret = try call.number("secret_id")
        try await services.groups.revokeSecret(secret, of: call.cluster, by: call.principal)
        return .empty()
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/groups/{cluster_name}/audit", summary: "Lists what was done to a group.",
        query: APIController.auditQuery, status: 200, response: "AuditEntry", isList: true
      ) { call in
        let entries = try await services.platform.audit(
          of: call.cluster, before: call.queryNumber("before"), limit: Int(call.queryNumber("limit") ?? 100),
          call.principal)
        return try .json(entries.map(AuditView.init))
      },
    ]
  }

  static let auditQuery: [(name: String, meaning: String)] = [
    ("before", "Only entries older than the one of this number."), ("limit", "At most so many entries; 1 to 500."),
  ]

  private static func newGroup(_ body: inout APIBody) throws -> (name: String, size: Groups.Size) {
    let (name, template, maxTPS) = (
      body.text("name"), body.optionalText("template"), body.optionalInteger("max_tps")
    )
    try body.finish()
    switch (template, maxTPS) {
    case (let template?, nil): return (name, .template(template))
    case (nil, let maxTPS?): return (name, .maxTPS(maxTPS))
    case (_?, _?):
      throw MarketError.invalid("template", "A group has a template or max_tps, not both. Leave one of them out.")
    case (nil, nil):
      throw MarketError.invalid(
        "template", "How big the group is to be is missing. Add template, such as small, or max_tps.")
    }
  }
}

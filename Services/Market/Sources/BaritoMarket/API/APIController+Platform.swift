internal import BaritoCore
internal import HTTP

extension APIController {
  var platformEndpoints: [APIEndpoint] {
    [
      APIEndpoint(
        method: "GET", path: "/api/v1/templates", summary: "Lists the sizes that a group can have.", status: 200,
        response: "Template", isList: true
      ) { call in
        guard Policy.allows(.viewSelf, to: call.principal) else {
          throw MarketError(.forbidden, "The token lacks the scope read. Use a token that was made with it.")
        }
        return try .json(services.settings.templates)
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/infrastructures", summary: "Lists the clusters of all groups, failed ones first.",
        status: 200, response: "Infrastructure", isList: true
      ) { call in
        try .json(try await services.platform.infrastructures(call.principal).map(InfrastructureView.init))
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/audit", summary: "Lists what was done on the platform.",
        query: APIController.auditQuery, status: 200, response: "AuditEntry", isList: true
      ) { call in
        let entries = try await services.platform.audit(
          of: nil, before: call.queryNumber("before"), limit: Int(call.queryNumber("limit") ?? 100), call.principal)
        return try .json(entries.map(AuditView.init))
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/users", summary: "Lists all users.", status: 200, response: "User", isList: true
      ) { call in
        try .json(try await services.accounts.users(call.principal).map(UserView.init))
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/users", summary: "Makes a user, who sets a password by a link that works once.",
        request: "NewUser", status: 201, response: "InvitedUser"
      ) { call in
        let (name, isAdministrator) = try call.body { ($0.text("name"), $0.optionalBoolean("administrator") ?? false) }
        let (user, link) = try await services.accounts.createUser(
          name: name, isSuperadmin: isAdministrator, by: call.principal)
        let invited = InvitedUserView(user: UserView(user), link: services.passwordURL(link))
        return try .json(invited, status: 201)
      },
      APIEndpoint(
        method: "PATCH", path: "/api/v1/users/{id}", summary: "Deactivates a user, or lets it in again.",
        request: "UserChange", status: 204
      ) { call in
        let isDeactivated = try call.body { $0.optionalBoolean("deactivated") }
        guard let isDeactivated else {
          throw MarketError.invalid("deactivated", "The field deactivated is missing. Add it, with true or false.")
        }
        let user = UserID(rawValue: try call.number("id"))
        try await services.accounts.setDeactivated(isDeactivated, user: user, by: call.principal)
        return .empty()
      },
    ]
  }
}

struct InvitedUserView: Encodable, Sendable {
  private enum CodingKeys: String, CodingKey { case passwordLink }

  var user: UserView
  var link: String

  func encode(to encoder: any Encoder) throws {
    try user.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(link, forKey: .passwordLink)
  }
}

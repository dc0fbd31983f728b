internal import HTTP

extension APIController {
  var memberEndpoints: [APIEndpoint] {
    [
      APIEndpoint(
        method: "GET", path: "/api/v1/groups/{cluster_name}/members", summary: "Lists who is in a group.", status: 200,
        response: "Member", isList: true
      ) { call in
        try .json(try await services.members.list(call.cluster, call.principal).map(MemberView.init))
      },
      APIEndpoint(
        method: "PUT", path: "/api/v1/groups/{cluster_name}/members/{user}",
        summary: "Adds a member, or changes its role.", request: "Membership", status: 200, response: "Member"
      ) { call in
        let role = try call.body { $0.optionalWord("role", among: Role.allCases) }
        guard let role else {
          throw MarketError.invalid("role", "The field role is missing. Choose from owner, admin, member.")
        }
        let user = call.request.parameters["user"] ?? ""
        return try .json(
          MemberView(try await services.members.put(user, role: role, in: call.cluster, by: call.principal)))
      },
      APIEndpoint(
        method: "DELETE", path: "/api/v1/groups/{cluster_name}/members/{user}",
        summary: "Takes a member out of a group.", status: 204
      ) { call in
        let user = call.request.parameters["user"] ?? ""
        try await services.members.delete(user, from: call.cluster, by: call.principal)
        return .empty()
      },
    ]
  }

  var accountEndpoints: [APIEndpoint] {
    [
      APIEndpoint(
        method: "GET", path: "/api/v1/me", summary: "Tells who you are, and what the token is for.", status: 200,
        response: "Me"
      ) { call in
        guard Policy.allows(.viewSelf, to: call.principal) else {
          throw MarketError(.forbidden, "The token lacks the scope read. Use a token that was made with it.")
        }
        return try .json(MeView(call.principal))
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/tokens", summary: "Lists your tokens.", status: 200, response: "Token",
        isList: true
      ) { call in
        try .json(try await services.accounts.tokens(of: call.principal).map(TokenView.init))
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/tokens", summary: "Makes a token.", request: "NewToken", status: 201,
        response: "NewSecret"
      ) { call in
        let (name, scopes) = try call.body { ($0.text("name"), $0.texts("scopes")) }
        let known = Set(scopes.compactMap(Scope.init(rawValue:)))
        guard known.count == Set(scopes).count else {
          let all = Scope.allCases.map(\.rawValue).joined(separator: ", ")
          throw MarketError.invalid("scopes", "One of the scopes is not known. Choose from \(all).")
        }
        let token = try await services.accounts.createToken(name: name, scopes: known, by: call.principal)
        return try .json(NewSecretView(token), status: 201)
      },
      APIEndpoint(
        method: "DELETE", path: "/api/v1/tokens/{id}", summary: "Revokes a token of yours.", status: 204
      ) { call in
        try await services.accounts.revokeToken(try call.number("id"), by: call.principal)
        return .empty()
      },
    ]
  }
}

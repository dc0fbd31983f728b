internal import BaritoCore
internal import HTTP

extension APIController {
  var appEndpoints: [APIEndpoint] {
    [
      APIEndpoint(
        method: "GET", path: "/api/v1/apps", summary: "Lists the apps that you may see.", status: 200,
        response: "App", isList: true
      ) { call in
        try .json(try await services.apps.list(call.principal).map(view))
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/groups/{cluster_name}/apps", summary: "Lists the apps of a group.", status: 200,
        response: "App", isList: true
      ) { call in
        try .json(try await services.apps.list(in: call.cluster, call.principal).map(view))
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/groups/{cluster_name}/apps", summary: "Registers an app.", request: "NewApp",
        status: 201, response: "RegisteredApp"
      ) { call in
        let new = try call.body { body in
          Apps.New(
            name: body.text("name"), maxTPS: body.optionalInteger("max_tps"),
            bytesPerSecond: body.optionalInteger("max_bytes_per_second"),
            retentionDays: body.optionalInteger("retention_days"),
            overload: body.optionalWord("overload", among: APIController.overloads) ?? .refuse)
        }
        let made = try await services.apps.register(new, in: call.cluster, by: call.principal)
        await FeedPassage.wait()
        return try .json(
          RegisteredAppView(app: view(made.detail), secret: NewSecretView(made.secret)), status: 201
        ).with("Location", "/api/v1/apps/\(made.detail.app.id)")
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/apps/{id}", summary: "Shows an app and what it sends.", status: 200,
        response: "App"
      ) { call in
        try .json(view(try await services.apps.find(AppID(try call.number("id")), call.principal)))
      },
      APIEndpoint(
        method: "PATCH", path: "/api/v1/apps/{id}", summary: "Changes an app.", request: "AppChange", status: 200,
        response: "App"
      ) { call in
        let change = try call.body { body in
          var change = Apps.Change()
          change.status = body.optionalWord("status", among: [AppProfile.Status.active, .inactive])
          change.maxTPS = body.setting("max_tps")
          change.bytesPerSecond = body.setting("max_bytes_per_second")
          change.retentionDays = body.setting("retention_days")
          change.overload = body.optionalWord("overload", among: APIController.overloads)
          return change
        }
        return try .json(
          view(try await services.apps.change(AppID(try call.number("id")), change, by: call.principal)))
      },
      APIEndpoint(
        method: "DELETE", path: "/api/v1/apps/{id}", summary: "Ends an app.", status: 204
      ) { call in
        try await services.apps.delete(AppID(try call.number("id")), by: call.principal)
        return .empty()
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/apps/{id}/secrets", summary: "Makes a second secret, to change without a gap.",
        status: 201, response: "NewSecret"
      ) { call in
        let secret = try await services.apps.createSecret(of: AppID(try call.number("id")), by: call.principal)
        await FeedPassage.wait()
        return try .json(NewSecretView(secret), status: 201)
      },
      APIEndpoint(
        method: "DELETE", path: "/api/v1/apps/{id}/secrets/{secret_id}", summary: "Revokes a secret of an app.",
        status: 204
      ) { call in
        let (app, secret) = (AppID(try call.number("id")), try call.number("secret_id"))
        try await services.apps.revokeSecret(secret, of: app, by: call.principal)
        return .empty()
      },
    ]
  }

  private static let overloads: [AppProfile.Overload] = [.refuse, .refuseAsUnavailable, .absorb]

  private func view(_ detail: Apps.Detail) -> AppView {
    AppView(detail, produceURL: services.settings.router.produceURL)
  }
}

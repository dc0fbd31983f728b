import BaritoCore
import HTTP
import Postgres
import Testing

@testable import BaritoMarket

/// The pages with a real database behind them, without a browser.
@Suite(.timeLimit(.minutes(2))) struct WebControllerTests {
  /// A route's path with its parameters filled in.
  private func path(_ route: WebRoute, app: AppID, group: ClusterName, secret: Int64 = 1) -> String {
    let values = ["cluster_name": group.rawValue, "secret_id": "\(secret)", "token": "nothing"]
    return route.path.split(separator: "/", omittingEmptySubsequences: false).map { part in
      guard part.first == "{" else { return String(part) }
      let name = String(part.dropFirst().dropLast())
      return values[name] ?? (route.path.hasPrefix("/apps") ? "\(app)" : "1")
    }.joined(separator: "/")
  }

  private func routes(of harness: WebHarness) -> [WebRoute] {
    WebController(services: harness.services, database: harness.database).routes
  }

  @Test("every page sends who is not signed in to do so, and back to it")
  func withoutSession() async throws {
    try await WebHarness.run { harness in
      let (_, owner) = try await harness.browser("owner")
      let group = try await harness.activeGroup(by: owner)
      let app = try await harness.services.apps.register(.init(name: "api"), in: group.clusterName, by: owner)
      for route in routes(of: harness) where route.audience == .signedIn {
        let target = path(route, app: app.detail.app.id, group: group.clusterName)
        let client = WebClient(harness.routes)
        let answer = try await (route.method == "GET" ? client.get(target) : client.post(target, csrf: "x"))
        #expect(answer.status == 303, "\(route.method) \(target)")
        #expect(answer.location?.hasPrefix("/sign-in") == true, "\(route.method) \(target)")
        if route.method == "GET", target != "/", !target.hasSuffix("/events") {
          #expect(answer.location == "/sign-in?return_to=\(MarketRoutes.segment(target))")
        }
        let program = try await client.get(target, accept: "application/json")
        if route.method == "GET" { #expect(program.status == 401) }
      }
    }
  }

  @Test("who is not in the group is told that there is nothing, whatever is asked")
  func stranger() async throws {
    try await WebHarness.run { harness in
      let (_, owner) = try await harness.browser("owner")
      let group = try await harness.activeGroup(by: owner)
      let app = try await harness.services.apps.register(.init(name: "api"), in: group.clusterName, by: owner)
      let (stranger, _) = try await harness.browser("stranger")
      _ = try await stranger.get("/")
      let id = app.detail.app.id
      var asked = 0
      for route in routes(of: harness) where route.path.contains("{cluster_name}") || route.path.hasPrefix("/apps/") {
        let target = path(route, app: id, group: group.clusterName, secret: app.secret.id)
        let answer = try await (route.method == "GET" ? stranger.get(target) : stranger.post(target))
        #expect(answer.status == 404, "\(route.method) \(target)")
        #expect(!answer.text.contains("Payments"))
        asked += 1
      }
      #expect(asked >= 6)
      #expect(try await stranger.get(MarketRoutes.infrastructures).status == 403)
      #expect(try await harness.services.apps.find(id, owner).secrets.count == 1)
    }
  }

  @Test("a member sees the app and may not touch its secrets")
  func member() async throws {
    try await WebHarness.run { harness in
      let (_, owner) = try await harness.browser("owner")
      let group = try await harness.activeGroup(by: owner)
      let app = try await harness.services.apps.register(.init(name: "api"), in: group.clusterName, by: owner)
      let (member, _) = try await harness.browser("member")
      _ = try await harness.services.members.put("member", role: .member, in: group.clusterName, by: owner)
      let page = MarketRoutes.app("\(app.detail.app.id)")
      let seen = try await member.get(page)
      #expect(seen.status == 200 && !seen.text.contains("New secret</button>"))
      #expect(try await member.post("\(page)/secrets").status == 403)
      #expect(try await member.post("\(page)/secrets/\(app.secret.id)/revoke").status == 403)
      #expect(try await member.get(MarketRoutes.register).text.contains("New group"))
    }
  }

  @Test("no form is taken without the token of its session")
  func forgedForms() async throws {
    try await WebHarness.run { harness in
      let (client, owner) = try await harness.browser("owner", isSuperadmin: true)
      let (other, _) = try await harness.browser("other", isSuperadmin: true)
      _ = try await other.get("/account")
      let group = try await harness.activeGroup(by: owner)
      let app = try await harness.services.apps.register(.init(name: "api"), in: group.clusterName, by: owner)
      let strange = try #require(other.cookies["barito_session"])
      for route in routes(of: harness) where route.method == "POST" {
        let target = path(route, app: app.detail.app.id, group: group.clusterName, secret: app.secret.id)
        for token in ["", "x", Session.csrfToken(for: strange)] {
          let answer = try await client.post(target, csrf: token)
          #expect(answer.status == 403, "\(target)")
          #expect(answer.text.contains("did not come from a page of this session"))
        }
      }
      #expect(try await client.get("/").status == 200)
    }
  }

  @Test("the one-time link makes the first administrator, once, and signs it in")
  func firstAdministrator() async throws {
    try await WebHarness.run { harness in
      let link = try #require(try await harness.services.accounts.makeFirstAdministratorLink())
      let client = WebClient(harness.routes)
      #expect(try await client.get("/setup/nonsense").status == 404)
      let page = MarketRoutes.setup(token: link)
      #expect(try await client.get(page).text.contains("Create administrator"))
      let short = try await client.post(page, [("user_name", "dewi"), ("password", "short")])
      #expect(short.status == 422 && short.text.contains("value=\"dewi\"") && short.text.contains("password-error"))
      let made = try await client.post(page, [("user_name", "dewi"), ("password", "a long enough one")])
      #expect(made.status == 303 && made.location == "/")
      let home = try await client.get("/")
      #expect(home.status == 200 && home.text.contains("dewi") && home.text.contains("Infrastructures"))
      #expect(try await WebClient(harness.routes).get(page).status == 404)
      #expect(try await client.post("/sign-out").location == "/sign-in")
      #expect(try await client.get("/").status == 303)
    }
  }

  @Test("signing in tells nothing of accounts, goes only where it may, and is throttled")
  func signIn() async throws {
    try await WebHarness.run { harness in
      let link = try #require(try await harness.services.accounts.makeFirstAdministratorLink())
      _ = try await harness.services.accounts.makeFirstAdministrator(link: link, name: "dewi", password: "long enough!")
      let client = WebClient(harness.routes)
      let form = try await client.get("/sign-in?return_to=%2Faccount%3Fa%3D1")
      #expect(form.text.contains("value=\"/account?a=1\""))
      func attempt(_ name: String, _ password: String, to place: String = "/account?a=1") async throws
        -> WebClient.Answer
      {
        try await client.post(
          "/sign-in", [("user_name", name), ("password", password), ("return_to", place)])
      }
      let wrong = try await attempt("dewi", "wrong")
      let unknown = try await attempt("nobody", "wrong")
      #expect(wrong.status == 401 && unknown.status == 401)
      #expect(wrong.text.contains(SignInPage.refused) && unknown.text.contains(SignInPage.refused))
      #expect(!wrong.text.contains("value=\"wrong\""))
      let evil = try await attempt("dewi", "long enough!", to: "//evil.example/")
      #expect(evil.location == "/")
      let cookie = try #require(evil.headers.all("Set-Cookie").first { $0.hasPrefix("barito_session=") })
      #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"))
      #expect(try await client.get("/account").status == 200)
      let second = WebClient(harness.routes)
      _ = try await second.get("/sign-in")
      for _ in 0..<10 { _ = try await second.post("/sign-in", [("user_name", "dewi"), ("password", "no")]) }
      let throttled = try await second.post("/sign-in", [("user_name", "dewi"), ("password", "long enough!")])
      #expect(throttled.status == 429 && throttled.headers["Retry-After"] != nil)
    }
  }

  @Test("registration makes a group and an app, and shows the secret once, in no URL")
  func registration() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi")
      #expect(try await client.get("/").text.contains("No app logs here yet"))
      _ = try await client.get("/register")
      let made = try await client.post(
        "/register",
        [
          ("app_name", " payments api "), ("group", "new group"), ("group_name", "Payments"), ("size", "by speed"),
          ("group_max_tps", "20000"), ("app_max_tps", "500"), ("retention_days", "7"),
        ])
      let page = try #require(made.location)
      #expect(made.status == 303 && page.hasPrefix("/apps/") && !page.contains("brs_"))
      let first = try await client.get(page)
      #expect(first.text.contains("brs_") && first.text.contains("payments-api_logs"))
      #expect(first.text.contains("still being provisioned"))
      #expect(first.headers["Cache-Control"] == "no-store")
      let second = try await client.get(page)
      #expect(!second.text.contains("brs_") && second.text.contains(ShippingChooser.secretPlaceholder))
      let app = try #require(try await harness.services.apps.list(principal).first)
      #expect(app.app.name == "payments api" && app.app.limits.linesPerSecond == 500 && app.app.retentionDays == 7)
      #expect(app.group.template.name == "medium")
      let taken = try await client.post(
        "/register", [("app_name", "Payments API"), ("group", app.group.clusterName.rawValue), ("app_max_tps", "many")])
      #expect(taken.status == 422 && taken.text.contains("value=\"Payments API\""))
      #expect(taken.text.contains("id=\"app_max_tps-error\""))
      let again = try await client.post(
        "/register", [("app_name", "Payments API"), ("group", app.group.clusterName.rawValue)])
      #expect(again.status == 422 && again.text.contains("id=\"app_name-error\""))
    }
  }

  @Test("nothing is made where the form is wrong")
  func wrongRegistration() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi")
      _ = try await client.get("/register")
      let answer = try await client.post(
        "/register",
        [
          ("app_name", "api"), ("group", "new group"), ("group_name", "Payments"), ("size", "small"),
          ("app_max_tps", "999999"), ("retention_days", "9999"),
        ])
      #expect(answer.status == 422)
      #expect(answer.text.contains("app_max_tps-error") && answer.text.contains("retention_days-error"))
      #expect(try await harness.services.groups.list(principal).isEmpty)
    }
  }

  @Test("a secret is added and revoked, and the page says so once")
  func secrets() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi")
      let group = try await harness.activeGroup(by: principal)
      let app = try await harness.services.apps.register(.init(name: "api"), in: group.clusterName, by: principal)
      let page = MarketRoutes.app("\(app.detail.app.id)")
      try await harness.count(app.detail.app.id, accepted: 100, indexed: 100)
      #expect(try await client.get(page).text.contains("New secret</button>"))
      #expect(try await client.post("\(page)/secrets").location == page)
      #expect(try await client.get("/").text.contains("brs_") == false)
      let shown = try await client.get(page)
      #expect(shown.text.contains("brs_") && !shown.text.contains("New secret</button>"))
      #expect(try await client.post("\(page)/secrets").location == page)
      #expect(try await client.get(page).text.contains("Two secrets are valid already"))
      #expect(try await client.post("\(page)/secrets/\(app.secret.id)/revoke").location == page)
      #expect(try await client.get(page).text.contains("The secret is revoked"))
      #expect(try await client.get(page).text.contains("The secret is revoked") == false)
      #expect(try await harness.services.apps.find(app.detail.app.id, principal).secrets.count == 1)
    }
  }

  @Test("owners set an app's limits and what is done over them, and are told what is wrong")
  func limits() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi")
      let group = try await harness.activeGroup(by: principal)
      let app = try await harness.services.apps.register(.init(name: "api"), in: group.clusterName, by: principal)
      let id = app.detail.app.id
      let page = MarketRoutes.app("\(id)")
      try await harness.count(id, accepted: 100, indexed: 100)
      #expect(try await client.get(page).text.contains("Save limits</button>"))
      let saved = try await client.post(
        "\(page)/limits", [("max_tps", "200"), ("max_bytes_per_second", " 50000 "), ("overload", "absorb")])
      #expect(saved.location == page)
      let shown = try await client.get(page).text
      #expect(shown.contains("The limits hold from now on") && shown.contains("value=\"absorb\" checked"))
      #expect(shown.contains("value=\"200\"") && shown.contains("value=\"50000\""))
      let wrong = try await client.post(
        "\(page)/limits", [("max_tps", "999999"), ("max_bytes_per_second", ""), ("overload", "refuse")])
      #expect(wrong.status == 422 && wrong.text.contains("max_tps-error") && wrong.text.contains("value=\"999999\""))
      let odd = try await client.post("\(page)/limits", [("max_tps", "many"), ("overload", "drop")])
      #expect(odd.status == 422 && odd.text.contains("max_tps-error") && odd.text.contains("overload-error"))
      let kept = try await harness.services.apps.find(id, principal).app
      #expect(kept.limits == IngestLimits(linesPerSecond: 200, bytesPerSecond: 50_000) && kept.overload == .absorb)
      _ = try await client.post(
        "\(page)/limits", [("max_tps", ""), ("max_bytes_per_second", ""), ("overload", "refuse_503")])
      let free = try await harness.services.apps.find(id, principal).app
      #expect(free.limits == .unlimited && free.overload == .refuseAsUnavailable)
      let (member, other) = try await harness.browser("other")
      _ = try await harness.services.members.put(other.user.name, role: .member, in: group.clusterName, by: principal)
      #expect(try await member.get(page).text.contains("Save limits</button>") == false)
      #expect(try await member.post("\(page)/limits", [("max_tps", "1"), ("overload", "refuse")]).status == 403)
    }
  }

  @Test("owners set a group's limits, and nobody else does")
  func groupLimits() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi")
      let group = try await harness.activeGroup(by: principal)
      let page = MarketRoutes.group(group.clusterName.rawValue)
      #expect(try await client.get(page).text.contains("Save limits</button>"))
      let saved = try await client.post("\(page)/limits", [("max_tps", "70"), ("max_bytes_per_second", "9000")])
      #expect(saved.location == page)
      let limits = try await harness.services.groups.find(group.clusterName, principal).group.limits
      #expect(limits == IngestLimits(linesPerSecond: 70, bytesPerSecond: 9_000))
      for typed in ["", "0", "many", "99999999"] {
        let wrong = try await client.post("\(page)/limits", [("max_tps", typed)])
        #expect(wrong.status == 422 && wrong.text.contains("max_tps-error"), "\(typed)")
      }
      _ = try await client.post("\(page)/limits", [("max_tps", "80")])
      let after = try await harness.services.groups.find(group.clusterName, principal).group.limits
      #expect(after == IngestLimits(linesPerSecond: 80))
      let (admin, other) = try await harness.browser("other")
      _ = try await harness.services.members.put(other.user.name, role: .admin, in: group.clusterName, by: principal)
      #expect(try await admin.get(page).text.contains("Save limits</button>") == false)
      #expect(try await admin.post("\(page)/limits", [("max_tps", "1")]).status == 403)
    }
  }

  @Test("an API token is shown once")
  func tokens() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi")
      _ = try await client.get("/account")
      let none = try await client.post("/account/tokens", [("name", "deploy")])
      #expect(none.status == 422 && none.text.contains("scope-error") && none.text.contains("value=\"deploy\""))
      let made = try await client.post("/account/tokens", [("name", "deploy"), ("scope", "read"), ("scope", "tail")])
      #expect(made.location == "/account")
      #expect(try await client.get("/account").text.contains("brt_"))
      #expect(try await client.get("/account").text.contains("brt_") == false)
      let token = try #require(try await harness.services.accounts.tokens(of: principal).first)
      #expect(token.scopes == [.read, .tail])
      #expect(try await client.post("/account/tokens/\(token.id)/revoke").location == "/account")
      #expect(try await harness.services.accounts.tokens(of: principal).isEmpty)
    }
  }

  @Test("my apps are those one may see, worst first, filtered and in pages")
  func myApps() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi")
      let (_, other) = try await harness.browser("other")
      let group = try await harness.activeGroup(by: principal)
      let theirs = try await harness.activeGroup("Growth", by: other)
      _ = try await harness.services.apps.register(.init(name: "hidden"), in: theirs.clusterName, by: other)
      for name in ["quiet", "busy", "refused"] {
        let app = try await harness.services.apps.register(.init(name: name), in: group.clusterName, by: principal)
        if name == "busy" { try await harness.count(app.detail.app.id, accepted: 5_000, indexed: 5_000) }
        if name == "refused" { try await harness.count(app.detail.app.id, accepted: 10, refused: ["limit": 90]) }
      }
      let page = try await client.get("/").text
      let order = ["refused", "quiet", "busy"].map { page.utf8.firstRange(of: ">\($0)</a>".utf8)?.lowerBound }
      #expect(order.allSatisfy { $0 != nil } && order.compactMap { $0 } == order.compactMap { $0 }.sorted())
      #expect(!page.contains(">hidden</a>"))
      #expect(page.contains("Refusing lines") && page.contains("1 of 3 apps needs a look"))
      let filtered = try await client.get("/?q=paym%20bus").text
      #expect(filtered.contains(">busy</a>") && !filtered.contains(">quiet</a>"))
      #expect(try await client.get("/?q=nothing").text.contains("No app matches"))
      #expect(try await client.get("/?page=99").status == 200)
    }
  }

  @Test("a group's page tells how far its cluster is, and a failed step can be tried again")
  func group() async throws {
    try await WebHarness.run { harness in
      let (client, principal) = try await harness.browser("dewi", isSuperadmin: true)
      let group = try await harness.services.groups.create(name: "Growth", size: .template("small"), by: principal)
      let page = MarketRoutes.group(group.clusterName.rawValue)
      #expect(try await client.get(page).text.contains("Provisioning"))
      try await harness.tell(group, .deploymentStarted, at: harness.now)
      try await harness.tell(
        group, .deploymentError, component: "kafka-01", message: "No node is free.", at: harness.now + 1)
      let failed = try await client.get(page).text
      #expect(failed.contains("Needs a person") && failed.contains("kafka-01: No node is free."))
      #expect(failed.contains("Try again</button>"))
      let all = try await client.get(MarketRoutes.infrastructures).text
      #expect(all.contains("Growth") && all.contains("No node is free."))
      #expect(try await client.post("\(page)/retry").location == page)
      try await harness.provision(group)
      let active = try await client.get(page).text
      #expect(
        active.contains("Active") && active.contains("elasticsearch-01") && !active.contains("Try again</button>"))
    }
  }

  @Test("every answer carries what keeps browsers safe")
  func headers() async throws {
    try await WebHarness.run { harness in
      let (client, _) = try await harness.browser("dewi")
      for target in ["/", "/sign-in", "/register", "/account", "/nothing", "/admin/infrastructures", Asset.script.path]
      {
        let answer = try await client.get(target)
        #expect(answer.headers["Content-Security-Policy"] == WebHeaders.contentSecurityPolicy, "\(target)")
        #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
        #expect(answer.headers["Referrer-Policy"] == "same-origin")
        if !target.hasPrefix("/assets") {
          #expect(answer.headers["Cache-Control"] == "no-store" && answer.headers["X-Request-Id"] != nil)
        }
      }
    }
  }

  @Test("an asset is kept for ever by its version, and asked for again without")
  func assets() async throws {
    try await WebHarness.run { harness in
      let client = WebClient(harness.routes)
      let kept = try await client.get(Asset.stylesheet.path)
      #expect(kept.status == 200 && kept.headers["Cache-Control"] == "public, max-age=31536000, immutable")
      let tag = try #require(kept.headers["ETag"])
      let again = try await client.get("/assets/barito.css", headers: ["If-None-Match": tag])
      #expect(again.status == 304 && again.text.isEmpty && again.headers["Cache-Control"] == "no-cache")
      #expect(try await client.get("/assets/..%2Fsecret").status == 404)
    }
  }

  @Test("what is not there is a page to people and a problem to programs")
  func errors() async throws {
    try await WebHarness.run { harness in
      let (client, _) = try await harness.browser("dewi")
      let page = try await client.get("/nothing/here")
      #expect(page.status == 404 && page.text.contains("There is nothing here"))
      #expect(page.text.contains(try #require(page.headers["X-Request-Id"])))
      let problem = try await client.get("/apps/999", accept: "application/json")
      #expect(problem.status == 404 && problem.headers["Content-Type"] == "application/problem+json")
      #expect(try await client.get("/api/v1/nothing", accept: "*/*").text.contains("\"code\":\"not_found\""))
      #expect(try await client.get("/apps/words").status == 404)
      await harness.pool.close()
      let failed = try await client.get("/")
      #expect(failed.status == 500 || failed.status == 503)
      #expect(failed.text.contains("Request"))
    }
  }
}

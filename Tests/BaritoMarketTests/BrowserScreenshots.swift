import BaritoCore
import Postgres
import TestKit
import Testing

@testable import BaritoMarket

/// Not a check but a look: stores every page, with data made through the real server, in the folder that
/// `BARITO_SCREENSHOTS` names.
@Suite(.timeLimit(.minutes(10))) struct BrowserScreenshots {
  static let folder = environmentVariable("BARITO_SCREENSHOTS")

  @Test("every page is stored as it looks", .enabled(if: folder != nil))
  func screenshots() async throws {
    let folder = try #require(Self.folder)
    try await WebHarness.run { harness in
      try await BrowserTests.serve(harness) { base in
        try await Browser.run { browser in
          func store(_ name: String) async throws {
            for width in [1440, 390] as [Int64] {
              for isDark in [false, true] {
                try await browser.screenshot(
                  to: "\(folder)/\(name)-\(width)-\(isDark ? "dark" : "light").png", width: width, isDark: isDark)
              }
            }
          }
          func store(_ name: String, at path: String) async throws {
            try await browser.open(base + path)
            try await store(name)
          }
          let link = try #require(try await harness.services.accounts.makeFirstAdministratorLink())
          try await store("first-administrator", at: "/setup/\(link)")
          try await browser.type("dewi", into: "#user_name")
          try await browser.type("short", into: "#password")
          try await browser.click("main button")
          try await store("first-administrator-wrong")
          try await browser.type("a long enough one", into: "#password")
          try await browser.click("main button")
          try await browser.waitFor(".account")
          try await store("my-apps-empty")
          try await store("infrastructures-empty", at: "/admin/infrastructures")
          try await store("account-empty", at: "/account")
          try await store("register-first", at: "/register")
          try await browser.type("a/b", into: "#app_name")
          try await browser.click(".submit button")
          try await browser.waitFor(".notice")
          try await store("register-wrong")
          try await store("error-404", at: "/apps/999")

          let me = try await harness.database.transaction { try await UserStore($0).find(named: "dewi") }
          let principal = Principal(user: try #require(me))
          try await data(harness, principal)
          let apps = try await harness.services.apps.list(principal)
          func page(_ name: String) throws -> String {
            MarketRoutes.app("\(try #require(apps.first { $0.app.name == name }).app.id)")
          }
          try await store("my-apps", at: "/")
          try await store("my-apps-no-match", at: "/?q=checkout")
          try await store("app", at: try page("payments-api"))
          try await store("app-quiet", at: try page("trip events"))
          try await store("set-up-later", at: try page("settlement worker"))
          let api = try #require(apps.first { $0.app.name == "payments-api" }).app.id
          try await store("redaction-empty", at: MarketRoutes.appRedaction("\(api)"))
          try await browser.type("CARD", into: "#name")
          try await browser.type(#"\b\d{13,19}\b"#, into: "#pattern")
          try await browser.type("2", into: "#hint_start")
          try await browser.click("[name='action'][value='add']")
          try await browser.type(#"{"message":"paid with 4111111111111111","level":"info"}"#, into: "#sample")
          try await browser.click("[name='action'][value='try']")
          try await browser.waitFor(".trial")
          try await store("redaction")
          try await store("register", at: "/register")
          try await store("infrastructures", at: "/admin/infrastructures")
          for name in ["Payments", "Growth"] {
            let group = try #require(try await harness.services.groups.list(principal).first { $0.group.name == name })
            try await store("group-\(name)", at: MarketRoutes.group(group.group.clusterName.rawValue))
          }
          try await browser.open("\(base)/register")
          try await browser.type("ledger", into: "#app_name")
          try await browser.click(".submit button")
          try await browser.waitFor("[aria-label='the secret']")
          try await store("set-up")
          let made = try #require(try await harness.services.apps.list(principal).first { $0.app.name == "ledger" })
          try await harness.count(made.app.id, accepted: 1, indexed: 1)
          try await browser.waitFor(".first-line[data-meaning='good']")
          try await store("set-up-works")
          try await browser.open("\(base)/account")
          try await browser.type("deploy pipeline", into: "#name")
          try await browser.click("[name='scope'][value='read']")
          try await browser.click("main form.stack button")
          try await browser.waitFor("[aria-label='The new token']")
          try await store("account")

          let (stranger, _) = try await harness.browser("agus")
          _ = try await browser.chromium("Network.clearBrowserCookies")
          try await store("sign-in", at: "/sign-in")
          try await browser.type("dewi", into: "#user_name")
          try await browser.type("wrong", into: "#password")
          try await browser.click("main button")
          try await browser.waitFor(".notice")
          try await store("sign-in-refused")
          let cookie = try #require(stranger.cookies["barito_session"])
          _ = try await browser.chromium(
            "Network.setCookie", ["name": "barito_session", "value": .string(cookie), "url": .string(base)])
          try await store("error-403", at: "/admin/infrastructures")
          // A table that is not where it must be is a fault of ours; a database that is away is none.
          try await harness.pool.execute("ALTER TABLE apps RENAME TO apps_away")
          try await store("error-500", at: "/")
          await harness.pool.close()
          try await store("error-503", at: "/")
        }
      }
    }
  }

  /// Two groups, one of them in trouble, and apps in every state.
  private func data(_ harness: WebHarness, _ principal: Principal) async throws {
    let payments = try await harness.activeGroup("Payments", by: principal)
    let growth = try await harness.services.groups.create(name: "Growth", size: .template("medium"), by: principal)
    let now = harness.now
    try await harness.tell(
      growth, .deploymentStarted,
      components: GroupComponents.good.map { component in
        var component = component
        component.status = .pending
        return component
      }, at: now - 240_000)
    try await harness.tell(growth, .deploymentFinished, at: now - 180_000)
    try await harness.tell(growth, .provisioningStarted, at: now - 179_000)
    try await harness.tell(
      growth, .provisioningError, component: "kafka-01",
      message: "No node of this location has 10 GB of memory free. Add a node, or choose a smaller template.",
      at: now - 60_000)
    _ = try await harness.services.apps.register(
      .init(name: "voucher"), in: growth.clusterName, by: principal)
    for (index, name) in ["payments-api", "driver location", "trip events", "settlement worker"].enumerated() {
      let app = try await harness.services.apps.register(
        .init(name: name, maxTPS: index == 0 ? 900 : nil), in: payments.clusterName, by: principal)
      guard name != "settlement worker" else { continue }
      for minute in stride(from: 59, through: 0, by: -1) {
        let lines = Int64(20_000 + (minute * 37 + index * 101) % 23 * 900)
        let isRecent = minute < 12
        try await harness.count(
          app.detail.app.id, accepted: name == "trip events" && isRecent ? 0 : lines,
          indexed: name == "trip events" && isRecent ? 0 : lines - (index == 0 ? 3 : 0),
          refused: index == 0 && minute < 9 ? ["limit": Int64(minute * 71 % 400 + 90), "malformed": 2] : [:],
          quarantined: index == 0 ? 3 : 0, at: harness.now - Int64(minute) * 60_000)
      }
    }
  }
}

import BaritoCore
import Curl
import HTTP
import TestKit
import Testing

@testable import BaritoMarket

/// The portal as people meet it: a real browser, a real server, a real database. Lines are told of as Router and Flow do.
@Suite(.serialized, .timeLimit(.minutes(4)), .enabled(if: Browser.canRun)) struct BrowserTests {
  /// Serves pages for the length of a test.
  static func serve(_ harness: WebHarness, _ body: (String) async throws -> Void) async throws {
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: harness.routes)
    let port = try server.start()
    do { try await body("http://127.0.0.1:\(port)") } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  /// Answers a search as Elasticsearch does.
  static func elasticsearch(_ body: (String) async throws -> Void) async throws {
    var routes = Routes()
    routes.post("/{index}/_search") { _, _ in
      .json(Array(#"{"hits":{"hits":[{"_source":{"level":"info","message":"hello from curl"}}]}}"#.utf8))
    }
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    let port = try server.start()
    do { try await body("http://127.0.0.1:\(port)") } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  @Test("from the one-time link to lines that move, without a reload or a complaint")
  func journey() async throws {
    try await WebHarness.run { harness in
      try await Self.elasticsearch { elasticsearch in
        try await Self.serve(harness) { base in
          try await Browser.run { browser in
            try await journey(harness, browser, base, elasticsearch)
          }
        }
      }
    }
  }

  private func journey(
    _ harness: WebHarness, _ browser: Browser, _ base: String, _ elasticsearch: String
  ) async throws {
    let link = try #require(try await harness.services.accounts.makeFirstAdministratorLink())
    try await browser.open("\(base)/setup/\(link)")
    try await browser.type("dewi", into: "#user_name")
    try await browser.type("a long enough one", into: "#password")
    try await browser.click("main button")
    try await browser.waitFor(".account")
    #expect(try await browser.text(of: "h1") == "My apps")

    try await browser.click(".account summary")
    try await browser.follow(".account form button", to: "/sign-in")
    try await browser.open("\(base)/register")
    #expect(try await browser.url == "\(base)/sign-in?return_to=%2Fregister")
    try await browser.type("dewi", into: "#user_name")
    try await browser.type("a long enough one", into: "#password")
    try await browser.follow("main button", to: "\(base)/register")

    try await browser.type("payments api", into: "#app_name")
    #expect(try await browser.text(of: "[data-topic]") == "payments-api_logs")
    try await browser.type("Payments", into: "#group_name")
    try await browser.follow(".submit button", to: "/apps/")
    let page = try await browser.url
    let secret = try await browser.text(of: "[aria-label='the secret'] code")
    #expect(secret.hasPrefix("brs_") && secret.utf8.count == 47)
    #expect(!page.contains(secret))
    try await browser.click("[aria-label='the secret'] [data-copy]")
    try await eventually("the button says that it has copied") {
      try await browser.has("[data-copied]")
    }
    let vector = try #require(ShippingGuide.all.firstIndex { $0.file == "vector.yaml" })
    let shown = ".panels > section:nth-child(\(vector + 1)) pre"
    #expect(try await browser.text(of: shown) == "")
    try await browser.click("label[for='shipper-\(vector)']")
    let configuration = try await browser.text(of: shown)
    #expect(configuration.contains("app payments api") && configuration.contains(secret))
    #expect(try await browser.text(of: "[data-live='obstacle']").contains("provisioned"))

    let me = try await harness.database.transaction { try await UserStore($0).find(named: "dewi") }
    let principal = Principal(user: try #require(me))
    let app = try #require(try await harness.services.apps.list(principal).first)
    try await harness.provision(app.group, elasticsearch: elasticsearch)
    try await eventually("the notice goes when the group is active") {
      try await !browser.has("[data-live='obstacle'] .notice")
    }
    #expect(try await browser.text(of: "[data-live='first-line']").contains("Waiting for the first line"))
    try await harness.count(app.app.id, accepted: 1)
    try await eventually("the first line is greeted") { try await browser.has(".first-line[data-meaning='good']") }
    let greeting = try await browser.text(of: "[data-live='first-line']")
    #expect(greeting.contains("hello from curl") && greeting.contains("of being accepted"))
    #expect(try await browser.url == page)
    #expect(try await harness.services.apps.find(app.app.id, principal).rate.lastLineAt != nil)

    try await browser.click(".first-line a")
    try await browser.waitFor(".figures")
    let before = try await browser.text(of: ".figures dd")
    try await browser.run("window.stayed = true")
    try await harness.count(app.app.id, accepted: 12_000, indexed: 12_001)
    try await eventually("lines per second move") {
      guard let now = try? await browser.text(of: ".figures dd") else { return false }
      return now != before
    }
    #expect(try await browser.run("return window.stayed === true") == .boolean(true))
    try await harness.count(app.app.id, refused: ["limit": 7])
    try await eventually("the state follows") {
      (try? await browser.text(of: "h1 + div"))?.contains("Refusing lines") == true
    }
    try await browser.waitFor("[data-live='refusals'] table")

    try await browser.open("\(base)/groups/\(app.group.clusterName)")
    #expect(try await browser.text(of: "[data-live='components']").contains("elasticsearch-01"))
    try await harness.tell(
      app.group, .bootstrapError, component: "kafka-01", message: "The disk is full.", at: harness.now + 60_000)
    try await eventually("a component's state follows") {
      (try? await browser.text(of: "[data-live='components']"))?.contains("The disk is full.") == true
    }
    #expect(try await browser.complaints() == [])
    let strange = try await browser.requestedURLs().filter { $0.hasPrefix("http") && !$0.hasPrefix(base) }
    #expect(strange == [])
  }

  @Test("registration goes by keyboard alone")
  func keyboard() async throws {
    try await WebHarness.run { harness in
      try await Self.serve(harness) { base in
        try await Browser.run { browser in
          try await signIn(harness, browser, base)
          // g r leads to registration, the first field has the focus.
          try await browser.press("gr")
          try await eventually("registration opens") { try await browser.url == "\(base)/register" }
          try await browser.waitFor("#app_name")
          try await browser.press("keyboard only")
          #expect(try await browser.run("return document.activeElement.value") == .string("keyboard only"))
          var visited: [String] = []
          // Tab through the form until its button has the focus, filling what needs it.
          for _ in 0..<30 {
            try await browser.press(.tab)
            let name = try await browser.run(
              "const e = document.activeElement; return e.name || e.textContent.trim()")
            visited.append(name.text ?? "")
            if name == "group_name" { try await browser.press("Keyboards") }
            if name == "size" { try await browser.press(.down) }
            if name == "Register app", try await browser.run("return document.activeElement.tagName") == "BUTTON" {
              break
            }
          }
          #expect(visited.contains("group_name") && visited.last == "Register app")
          #expect(
            try await browser.run("return getComputedStyle(document.activeElement).outlineStyle") != .string("none"))
          try await browser.press(.enter)
          try await eventually("the app is there") { try await browser.url.contains("/apps/") }
          #expect(try await browser.text(of: "h1") == "keyboard only")
          #expect(try await browser.complaints() == [])
        }
      }
    }
  }

  @Test("signing in, registering and signing out work without scripts")
  func withoutScripts() async throws {
    try await WebHarness.run { harness in
      try await Self.serve(harness) { base in
        try await Browser.run { browser in
          try await browser.setScripts(enabled: false)
          try await signIn(harness, browser, base)
          try await browser.open("\(base)/register")
          try await browser.type("plain app", into: "#app_name")
          try await browser.type("Plain", into: "#group_name")
          try await browser.follow(".submit button", to: "/apps/")
          #expect(try await browser.text(of: "[aria-label='the secret'] code").hasPrefix("brs_"))
          try await browser.open("\(base)/account")
          try await browser.type("deploy", into: "#name")
          try await browser.click("[name='scope'][value='read']")
          try await browser.click("main form.stack button")
          try await browser.waitFor("[aria-label='The new token']")
          try await browser.click(".confirm summary")
          try await browser.click(".confirm button")
          try await browser.waitFor("main > .notice[data-meaning='good']")
          #expect(try await browser.text(of: "main > .notice").contains("The token is revoked"))
          try await browser.click(".account summary")
          try await browser.follow(".account form button", to: "/sign-in")
          #expect(try await browser.complaints() == [])
        }
      }
    }
  }

  /// Signs a new administrator in through the form.
  private func signIn(_ harness: WebHarness, _ browser: Browser, _ base: String) async throws {
    let link = try #require(try await harness.services.accounts.makeFirstAdministratorLink())
    _ = try await harness.services.accounts.makeFirstAdministrator(link: link, name: "dewi", password: "long enough!")
    try await browser.open("\(base)/sign-in")
    try await browser.type("dewi", into: "#user_name")
    try await browser.type("long enough!", into: "#password")
    try await browser.click("main button")
    try await browser.waitFor(".account")
  }
}

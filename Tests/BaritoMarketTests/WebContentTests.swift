import HTML
import Testing

@testable import BaritoMarket

/// What single pages must have.
@Suite struct WebContentTests {
  @Test("an empty list holds the button that fills it")
  func emptyStates() {
    #expect(MyAppsPage.empty.content(in: .mock).markup.contains("class=\"button primary\" href=\"/register\""))
    #expect(MyAppsPage.noMatch.content(in: .mock).markup.contains("class=\"button\" href=\"/\""))
    #expect(GroupPage.provisioning.content(in: .mock).markup.contains("href=\"/register?group=barito-7\""))
    #expect(InfrastructuresPage(groups: []).content(in: .mock).markup.contains("href=\"/register\""))
    #expect(AccountPage.empty.content(in: .mock).markup.contains("href=\"#name\""))
  }

  @Test("my apps come worst first, then the busiest, then by name")
  func sorting() {
    let rows: [MyAppsPage.Row] = [
      .mock("b", rate: 1), .mock("a", rate: 1), .mock("busy", rate: 9), .mock("silent", state: .silent, rate: 0),
      .mock("refusing", state: .refusing, rate: 2), .mock("new", state: .waiting, rate: nil),
    ]
    #expect(MyAppsPage.sorted(rows).map(\.name) == ["refusing", "silent", "new", "busy", "a", "b"])
  }

  @Test("the last page of many has no next one, and keeps the filter")
  func pages() {
    let page = MyAppsPage(
      apps: [.mock("a")], matchCount: 201, appCount: 500, troubleCount: 0, filter: "a b", page: 3)
    let markup = page.content(in: .mock).markup
    #expect(page.pageCount == 3)
    #expect(markup.contains("href=\"/?q=a%20b&amp;page=2\" rel=\"prev\""))
    #expect(!markup.contains("rel=\"next\""))
    #expect(markup.contains("201 to 201 of 201"))
  }

  @Test("the infrastructures in trouble come first and are open")
  func infrastructures() {
    let page = InfrastructuresPage.some
    #expect(page.groups.map(\.name) == ["Payments", "Growth", "Driver experience"])
    let markup = page.content(in: .mock).markup
    #expect(markup.split(separator: "<details open>").count == 2)
    #expect(page.state.markup.contains("1 of 3 groups needs a look"))
  }

  @Test("what was typed is kept, and each error stands at its field")
  func registration() {
    let markup = RegisterPage.wrong.content(in: .mock).markup
    #expect(markup.contains("name=\"app_name\" type=\"text\" value=\"Web API\""))
    #expect(markup.contains("value=\"new group\" checked"))
    #expect(markup.contains("value=\"by speed\" checked"))
    #expect(markup.contains("id=\"group_max_tps-error\""))
    #expect(markup.contains(">web-api_logs</code>"))
  }

  @Test("a size says what it comes to in a day")
  func volume() {
    let markup = RegisterPage.first.content(in: .mock).markup.replacingNoBreakSpaces
    #expect(markup.contains("<b>1 k lines/s</b>43.2 GB/day"))
    #expect(markup.contains("2,000 lines/s of 500 bytes are 86.4 GB/day."))
  }

  @Test("a speed that is no number, or absurd, still makes a page", arguments: ["nan", "inf", "-5", "1e300", "x"])
  func absurdSpeed(typed: String) {
    let page = RegisterPage(groups: [], templates: RegisterPage.templates, typed: .init(groupMaxTPS: typed))
    #expect(page.content(in: .mock).markup.contains("bytes are"))
  }

  @Test("a name becomes its topic: trimmed, lower case, spaces as hyphens")
  func topic() {
    #expect(RegisterPage.ordinary.topic(for: " Web  API ") == "web--api_logs")
  }

  @Test("who may not make groups is not offered one, and who has no group is told what to do")
  func rights() {
    let page = RegisterPage(groups: RegisterPage.groups, templates: [])
    #expect(!page.content(in: .mock).markup.contains(RegisterPage.Form.newGroup))
    let none = RegisterPage.notAllowed.content(in: .mock).markup
    #expect(none.contains("Ask the owner") && !none.contains("<form"))
  }

  @Test("the secret is on the page once made, in every configuration, and later nowhere")
  func secretOnce() throws {
    let secret = try #require(AppSetUpPage.fresh.secret)
    let fresh = AppSetUpPage.fresh.content(in: .mock).markup
    #expect(fresh.split(separator: secret, omittingEmptySubsequences: false).count > 2 + ShippingGuide.all.count)
    let later = AppSetUpPage.later.content(in: .mock).markup
    #expect(!later.contains(secret) && later.contains(ShippingChooser.secretPlaceholder))
    #expect(later.contains("action=\"/apps/3/secrets\""))
    #expect(!AppPage.busy.html(in: .mock).markup.contains(secret))
  }

  @Test("the first line arrives in the element that waits for it")
  func firstLine() {
    let markup = AppSetUpPage.fresh.html(in: .mock).markup
    #expect(markup.contains("data-events=\"/apps/3/events?first_line=1\""))
    #expect(markup.contains("<div data-live=\"first-line\" aria-live=\"polite\">"))
    let found = AppSetUpPage.firstLineFragment(.searchable(line: "hi", withinMilliseconds: 1240), appID: "3")
    #expect(found.html.markup.replacingNoBreakSpaces.contains("Searchable within 1.2 s of being accepted"))
  }

  @Test("revoking a secret shows first when it was used last")
  func revocation() throws {
    let markup = AppPage.busy.content(in: .mock).markup
    #expect(markup.contains("It was last used <time"))
    #expect(markup.contains("action=\"/apps/1/secrets/8/revoke\""))
    #expect(markup.contains("Nobody has used it."))
  }

  @Test("a third secret is not offered, and no button at all to who may not use it")
  func secretLimit() {
    #expect(!AppPage.busy.content(in: .mock).markup.contains("New secret</button>"))
    var page = AppPage.busy
    page.secrets.removeLast()
    #expect(page.content(in: .mock).markup.contains("New secret</button>"))
    page.mayChangeSecrets = false
    #expect(!page.content(in: .mock).markup.contains("<form"))
  }

  @Test("use near the limit warns, at the limit alarms, without a limit does not divide by zero")
  func usage() {
    func meaning(_ used: Double, _ limit: Double) -> Substring? {
      UI.usage("x", used: used, limit: limit, text: "").markup.split(separator: "\"").dropFirst(3).first
    }
    #expect(meaning(1, 10) == "good")
    #expect(meaning(8, 10) == "warning")
    #expect(meaning(12, 10) == "bad")
    #expect(meaning(1, 0) == "good")
    #expect(meaning(.nan, 10) == "good")
  }

  @Test("an error says what happened, what to do, and its request id", arguments: ErrorPage.Kind.allCases)
  func errors(kind: ErrorPage.Kind) {
    let markup = ErrorPage(kind: kind, requestID: "01JD8Z6Y5K").content(in: .mock).markup
    #expect(markup.contains("01JD8Z6Y5K") && markup.contains("\(kind.rawValue)") && markup.contains("href=\"/\""))
    let isOurs = kind == .failed || kind == .unavailable
    let signedOut = ErrorPage(kind: kind, requestID: "1").content(in: .signedOut).markup
    #expect(signedOut.contains("href=\"/sign-in\"") == !isOurs)
    #expect(signedOut.contains("Try again</a>") == isOurs)
  }

  @Test("what failed on our side can be asked for again")
  func retry() {
    let page = ErrorPage(kind: .unavailable, requestID: "1", retryPath: "/apps/3?range=1h")
    #expect(page.content(in: .signedOut).markup.contains("href=\"/apps/3?range=1h\">Try again"))
  }

  @Test("a group that takes no lines yet says so, and is not the one that is chosen at first")
  func groupInTrouble() {
    var groups = RegisterPage.groups
    groups[0].trouble = .init(meaning: .bad, word: "Needs a person")
    let page = RegisterPage(groups: groups, templates: [])
    #expect(page.chosenGroup == groups[1].clusterName)
    #expect(page.content(in: .mock).markup.contains("Needs a person</span>"))
    #expect(RegisterPage(groups: [groups[0]], templates: []).chosenGroup == groups[0].clusterName)
  }
}

@Suite struct URLPartsTests {
  @Test("a URL falls apart into what configurations want")
  func parts() {
    let secure = URLParts("https://logs.example.com/produce_batch")
    #expect(
      secure.isSecure && secure.host == "logs.example.com" && secure.port == 443 && secure.path == "/produce_batch")
    let local = URLParts("http://127.0.0.1:8081")
    #expect(!local.isSecure && local.host == "127.0.0.1" && local.port == 8081 && local.path == "/")
    let six = URLParts("http://[::1]:8081/p")
    #expect(six.host == "[::1]" && six.bareHost == "::1" && six.port == 8081)
    #expect(URLParts("http://[::1]/p").port == 80)
  }
}

@Suite struct WebRoutesTests {
  @Test(
    "a segment cannot leave its place in the path",
    arguments: [
      ("a/b", "a%2Fb"), ("..", "%2E%2E"), (".", "%2E"), ("a.b", "a.b"), ("é?#", "%C3%A9%3F%23"), ("a b\n", "a%20b%0A"),
    ])
  func segments(text: String, encoded: String) {
    #expect(MarketRoutes.segment(text) == encoded)
    #expect(MarketRoutes.group(text) == "/groups/\(encoded)")
  }

  @Test("my apps carry a filter and a page only where there is one")
  func myApps() {
    #expect(MarketRoutes.myApps(filter: "", page: 1) == "/")
    #expect(MarketRoutes.myApps(filter: "a&b", page: 2) == "/?q=a%26b&page=2")
  }
}

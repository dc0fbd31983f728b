import BaritoCore
import Redaction
import Testing

@testable import BaritoMarket

/// Whatever people and programs wrote comes out as text on every page.
@Suite struct WebEscapingTests {
  static let evil = #""><script>alert(1)</script><i x='"#

  static let pages: [MockPage] = {
    let evil = Self.evil
    let row = MyAppsPage.Row(
      id: evil, name: evil, groupName: evil, state: .silent, lastLineAt: .ago(3), retentionDays: 1)
    let navigation = GroupNavigation(
      clusterName: evil, name: evil, apps: [.init(id: evil, name: evil, state: .silent)], appCount: 9,
      currentAppID: evil)
    var context = PageContext.mock
    context.viewer = .init(userName: evil, isAdministrator: true)
    context.groups = [.init(clusterName: evil, name: evil)]
    context.flash = .init(meaning: .bad, text: evil)
    context.csrf = CSRFToken(value: evil)
    var app = AppPage.busy
    app.appID = evil
    app.name = evil
    app.topic = evil
    app.indexPrefix = evil
    app.router = RouterAddresses(url: evil)
    app.group = navigation
    app.refusals = [.init(code: evil, count: 1, lastAt: .ago(1), remedy: evil)]
    app.secrets = [.init(id: evil, createdAt: .ago(9), lastUsedAt: .ago(1))]
    app.newSecret = evil
    app.kibanaURL = "javascript:alert(1)\(evil)"
    let component = GroupPage.ComponentRow(
      name: evil, kind: evil, host: evil, meaning: .bad, state: evil, message: evil)
    let errors: FormErrors = [
      "": evil, "group": evil, "app_name": evil, "name": evil, "scope": evil, "user_name": evil, "password": evil,
    ]
    return [
      MockPage(name: "sign-in", page: SignInPage(userName: evil, returnTo: evil, error: evil)),
      MockPage(
        name: "first-administrator",
        page: FirstAdministratorPage(token: evil, userName: evil, errors: errors)),
      MockPage(
        name: "my-apps",
        page: MyAppsPage(apps: [row], matchCount: 900, appCount: 900, troubleCount: 1, filter: evil, page: 2)),
      MockPage(
        name: "no-match", page: MyAppsPage(apps: [], matchCount: 0, appCount: 1, troubleCount: 0, filter: evil)),
      MockPage(
        name: "register",
        page: RegisterPage(
          groups: [.init(clusterName: evil, name: evil, appCount: 1, maxTPS: 1)],
          templates: [.init(name: evil, title: evil, maxTPS: 1, components: evil)],
          typed: .init(
            group: evil, groupName: evil, size: evil, groupMaxTPS: evil, appName: evil, appMaxTPS: evil,
            retentionDays: evil), errors: errors, topicSuffix: evil)),
      MockPage(
        name: "set-up",
        page: AppSetUpPage(
          appID: evil, name: evil, topic: evil, router: RouterAddresses(url: evil), secret: evil, group: navigation,
          obstacle: evil,
          firstLine: .searchable(line: evil, withinMilliseconds: 1))),
      MockPage(name: "app", page: app),
      MockPage(
        name: "group",
        page: GroupPage(
          clusterName: evil, name: evil, template: evil, maxTPS: 1, meaning: .bad, status: evil, group: navigation,
          steps: [.init(name: evil, state: .failed, detail: evil)], apps: [row], components: [component],
          members: [.init(userName: evil, role: evil)])),
      MockPage(
        name: "infrastructures",
        page: InfrastructuresPage(groups: [
          .init(
            clusterName: evil, name: evil, template: evil, meaning: .bad, status: evil, appCount: 1,
            components: [component])
        ])),
      MockPage(
        name: "account",
        page: AccountPage(
          userName: evil, scopes: [.init(name: evil, meaning: evil)],
          tokens: [.init(id: evil, name: evil, scopes: [evil], createdAt: .ago(1))], newToken: evil, typedName: evil,
          errors: errors)),
      MockPage(
        name: "redaction",
        page: RedactionPage(
          name: evil, home: evil, path: evil, group: navigation, isApp: true,
          rules: [RedactionRule(name: evil, .pattern(evil)), RedactionRule(name: evil, .path(evil))],
          typed: .init(name: evil, pattern: evil, path: evil, hintStart: evil, hintEnd: evil, sample: evil),
          errors: errors, trial: RedactionTrial([RedactionRule(name: evil, .path(".a"))], on: [evil]))),
      MockPage(name: "error", page: ErrorPage(kind: .failed, requestID: evil, detail: evil)),
    ].map { MockPage(name: $0.name, page: $0.page, context: context) }
  }()

  @Test("no text opens a tag or ends an attribute", arguments: pages)
  func escaping(mock: MockPage) {
    let markup = mock.markup
    let (elements, problems) = WebElement.all(in: markup)
    #expect(problems.isEmpty)
    #expect(WebElement.unbalanced(elements).isEmpty)
    #expect(elements.count { $0.name == "script" && !$0.isEnd } == 1)
    #expect(!elements.contains { $0.name == "i" || $0.attributes["x"] != nil })
    #expect(markup.contains("&quot;&gt;&lt;script&gt;"))
    #expect(!markup.contains("javascript:"))
  }

  @Test("a line that arrives live is escaped in its event")
  func event() {
    let fragment = AppSetUpPage.firstLineFragment(.searchable(line: Self.evil, withinMilliseconds: nil), appID: "1")
    #expect(!fragment.serverSentEvent.contains("<script>"))
  }

  @Test("an event keeps each line of its markup on a line of its own")
  func eventLines() {
    let fragment = AppSetUpPage.firstLineFragment(
      .searchable(line: "a\n\nevent: b", withinMilliseconds: nil), appID: "1")
    let lines = fragment.serverSentEvent.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "event: first-line")
    #expect(lines.dropFirst().dropLast(2).allSatisfy { $0.hasPrefix("data: ") })
    #expect(lines.suffix(2) == ["", ""])
  }

  @Test("a carriage return cannot begin a field of its own in an event")
  func carriageReturn() {
    let fragment = AppSetUpPage.firstLineFragment(
      .searchable(line: "a\rid: 7\r\nretry: 1", withinMilliseconds: nil), appID: "1")
    #expect(!fragment.serverSentEvent.utf8.contains(UInt8(ascii: "\r")))
  }
}

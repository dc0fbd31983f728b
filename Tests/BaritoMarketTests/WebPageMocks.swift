import BaritoCore
import HTML
import Redaction
import Testing

@testable import BaritoMarket

/// A page with the context it is looked at in, under the name of its preview.
struct MockPage: Sendable, CustomTestStringConvertible {
  var name: String
  var page: any Page
  var context = PageContext.mock

  var testDescription: String { name }
  var markup: String { page.html(in: context).markup }
}

extension PageContext {
  static let mock = PageContext(
    now: .mockNow, csrf: CSRFToken(value: "csrf-token"), viewer: Viewer(userName: "dewi", isAdministrator: true),
    groups: [
      GroupLink(clusterName: "kapuas", name: "Payments"), GroupLink(clusterName: "mahakam", name: "Driver experience"),
    ])
  static let signedOut = PageContext(now: .mockNow, csrf: CSRFToken(value: "csrf-token"))
}

extension Moment {
  static let mockNow = Moment(milliseconds: 1_795_342_041_000)

  static func ago(_ seconds: Double) -> Moment { mockNow.advanced(bySeconds: -seconds) }
}

/// A curve that looks like traffic, the same in every run.
func wave(_ count: Int, around level: Double, seed: Int = 1) -> [Double?] {
  (0..<count).map { index in
    let step = Double((index * 37 + seed * 101) % 23) / 23 - 0.5
    let slope = Double((index + seed * 7) % count) / Double(count)
    return level * (0.45 + 0.5 * slope * (1 - slope) * 4 + 0.14 * step)
  }
}

extension MyAppsPage.Row {
  static func mock(
    _ name: String, state: AppState = .receiving, rate: Double? = 1240, refused: Double = 0, group: String = "Payments",
    seed: Int = 1
  ) -> Self {
    Self(
      id: "\(seed)", name: name, groupName: group, state: state, linesPerSecond: rate,
      lastHour: rate.map { wave(30, around: $0, seed: seed) } ?? [],
      lastLineAt: state == .waiting ? nil : .ago(state == .silent ? 1560 : Double(seed % 4)), refusedPerSecond: refused,
      lagMilliseconds: state == .waiting ? nil : state == .lagging ? 184_000 : 1200 + Int64(seed % 9) * 90,
      retentionDays: 14)
  }
}

extension GroupNavigation {
  static let mock = GroupNavigation(
    clusterName: "kapuas", name: "Payments",
    apps: [
      AppLink(id: "1", name: "payments-api", state: .refusing), AppLink(id: "2", name: "ledger", state: .receiving),
      AppLink(id: "3", name: "settlement-worker", state: .waiting),
    ], appCount: 3, currentAppID: "1")
}

extension MyAppsPage {
  static let empty = MyAppsPage(apps: [], matchCount: 0, appCount: 0, troubleCount: 0)

  static let few = MyAppsPage(
    apps: sorted([
      .mock("payments-api", state: .refusing, rate: 4210, refused: 312, seed: 1),
      .mock("ledger", rate: 1240, seed: 2), .mock("settlement-worker", state: .waiting, rate: nil, seed: 3),
      .mock("driver-location-ingest", rate: 38_400, group: "Driver experience", seed: 4),
      .mock("trip-events", state: .silent, rate: 0, group: "Driver experience", seed: 5),
      .mock("map-tiles", state: .lagging, rate: 620, group: "Driver experience", seed: 6),
      .mock("voucher", rate: 0.25, group: "Growth", seed: 7),
    ]), matchCount: 7, appCount: 7, troubleCount: 3, linesPerSecond: 45_700)

  static let many = MyAppsPage(
    apps: Array(
      sorted(
        (1...200).map {
          .mock(
            "service-\($0)-worker", state: $0 == 17 ? .refusing : $0 == 90 ? .silent : .receiving,
            rate: Double($0 * 131),
            refused: $0 == 17 ? 12 : 0, seed: $0)
        }
      ).prefix(rowsPerPage)), matchCount: 200, appCount: 200, troubleCount: 2, linesPerSecond: 2_640_000)

  static let noMatch = MyAppsPage(
    apps: [], matchCount: 0, appCount: 7, troubleCount: 0, linesPerSecond: 45_700, filter: "checkout")
}

extension RegisterPage {
  static let templates = [
    TemplateChoice(name: "small", title: "Small", maxTPS: 1000, components: "1 Kafka, 1 Elasticsearch, 1 Flow"),
    TemplateChoice(name: "medium", title: "Medium", maxTPS: 5000, components: "3 Kafka, 3 Elasticsearch, 2 Flow"),
    TemplateChoice(name: "large", title: "Large", maxTPS: 20_000, components: "3 Kafka, 6 Elasticsearch, 4 Flow"),
  ]
  static let groups = [
    GroupChoice(clusterName: "kapuas", name: "Payments", appCount: 3, maxTPS: 5000),
    GroupChoice(clusterName: "mahakam", name: "Driver experience", appCount: 12, maxTPS: 20_000),
  ]
  static let first = RegisterPage(groups: [], templates: templates)
  static let ordinary = RegisterPage(groups: groups, templates: templates)
  static let wrong = RegisterPage(
    groups: groups, templates: templates,
    typed: Typed(
      group: Form.newGroup, groupName: "Growth", size: Form.bySpeed, groupMaxTPS: "many", appName: "Web API",
      appMaxTPS: "200", retentionDays: "30"),
    errors: [
      Form.appName:
        "The name “Web API” becomes the topic web-api_logs, which app “web api” of this group has already. Choose another name.",
      Form.groupMaxTPS: "“many” is not a number. Write the lines per second in digits, for example 2000.",
    ])
  static let notAllowed = RegisterPage(groups: [], templates: [])
}

extension AppSetUpPage {
  static let fresh = AppSetUpPage(
    appID: "3", name: "settlement-worker", topic: "settlement-worker_logs",
    router: RouterAddresses(url: "https://logs.example.com"),
    secret: "5f2c1d9be0714a6f9c3a8e55d2b7f01460c2a9d87e31f4b5a6c7d8e9f0a1b2c3",
    group: {
      var group = GroupNavigation.mock
      group.currentAppID = "3"
      return group
    }())
  static let later: AppSetUpPage = {
    var page = fresh
    page.secret = nil
    page.obstacle =
      "The group is still being provisioned. Lines are refused until it is active, which usually takes 6 minutes."
    return page
  }()
  static let works: AppSetUpPage = {
    var page = fresh
    page.firstLine = .searchable(line: #"{"level":"info","message":"hello from curl"}"#, withinMilliseconds: 1240)
    return page
  }()
}

extension AppPage {
  static let chart = TimeSeriesChart(
    label: "Lines per second over the last hour", start: .ago(3600), secondsPerValue: 60,
    series: [
      .init(name: "Accepted", kind: "accepted", values: wave(61, around: 4600, seed: 3)),
      .init(name: "Indexed", kind: "indexed", values: wave(61, around: 4590, seed: 3)),
      .init(name: "Refused", kind: "refused", values: (0...60).map { $0 > 44 ? Double(($0 * 53) % 310) : 0 }),
      .init(name: "Quarantined", kind: "quarantined", values: (0...60).map { $0 > 20 && $0 < 26 ? nil : 0 }),
    ])
  static let busy = AppPage(
    appID: "1", name: "payments-api", topic: "payments-api_logs", indexPrefix: "payments-api",
    router: RouterAddresses(url: "https://logs.example.com"), appState: .refusing, group: .mock,
    numbers: Numbers(
      measuredAt: .ago(2), acceptedPerSecond: chart.series[0].values.last.flatMap(\.self) ?? 0,
      bytesPerSecond: 2_130_000, refusedPerSecond: 80,
      quarantinedPerSecond: 0, lagMilliseconds: 1340, lastLineAt: .ago(0), lastHour: chart),
    limits: Limits(
      linesPerSecond: 4500, bytesPerSecond: 5_000_000),
    refusals: [
      Refusal(
        code: "rate_limited", count: 18_204, lastAt: .ago(1),
        remedy:
          "The app sends more than its 4.5 k lines/s. Raise its limit, or log less; senders that retry on 429 lose nothing."
      ),
      Refusal(
        code: "malformed", count: 3, lastAt: .ago(1900),
        remedy:
          "A body was not JSON from byte 18 on. One sender writes plain text: send it as NDJSON, or let fluentd wrap it."
      ),
    ],
    secrets: [
      Secret(id: "8", createdAt: .ago(86_400 * 90), lastUsedAt: .ago(1)),
      Secret(id: "9", createdAt: .ago(7200)),
    ], retentionDays: 14, kibanaURL: "https://kibana.example.com/app/discover")
  static let noData = AppPage(
    appID: "1", name: "ledger", topic: "ledger_logs", indexPrefix: "ledger",
    router: RouterAddresses(), appState: .unmeasured, group: .mock,
    numbers: Numbers(
      lastHour: TimeSeriesChart(
        label: "Lines per second over the last hour", start: .ago(3600), secondsPerValue: 60,
        series: [.init(name: "Accepted", kind: "accepted", values: [])])),
    limits: Limits(linesPerSecond: 1000), newSecret: "5f2c1d9be0714a6f9c3a8e55d2b7f014", retentionDays: 1)
}

extension GroupPage {
  static let nodes = [
    ComponentRow(
      name: "kafka-01", kind: "kafka", host: "10.4.1.11", meaning: .good, state: "Running"),
    ComponentRow(
      name: "elasticsearch-01", kind: "elasticsearch", host: "10.4.1.21", meaning: .good, state: "Running"),
    ComponentRow(
      name: "elasticsearch-02", kind: "elasticsearch", host: "10.4.1.22", meaning: .bad, state: "Not reachable",
      message: "No answer on port 9200 for 4 min. Restart the container on node lxd-07, or replace the component."),
    ComponentRow(
      name: "kibana-01", kind: "kibana", host: "10.4.1.31", meaning: .good, state: "Running"),
  ]
  static let active = GroupPage(
    clusterName: "kapuas", name: "Payments", template: "Medium", maxTPS: 5000, meaning: .good, status: "Active",
    group: GroupNavigation(clusterName: "kapuas", name: "Payments", apps: GroupNavigation.mock.apps, appCount: 3),
    steps: [
      Step(name: "Deploy the containers", state: .finished, startedAt: .ago(90_000), finishedAt: .ago(89_930)),
      Step(name: "Send a line through", state: .finished, startedAt: .ago(89_700), finishedAt: .ago(89_698)),
    ], apps: MyAppsPage.few.apps, components: nodes,
    members: [Member(userName: "dewi", role: "Owner"), Member(userName: "agus", role: "Member")])
  static let provisioning = GroupPage(
    clusterName: "barito-7", name: "Growth", template: "Small", maxTPS: 1000, meaning: .bad, status: "Needs a person",
    group: GroupNavigation(clusterName: "barito-7", name: "Growth", apps: [], appCount: 0),
    steps: [
      Step(name: "Reserve nodes", state: .finished, startedAt: .ago(300), finishedAt: .ago(298.2)),
      Step(name: "Deploy the containers", state: .finished, startedAt: .ago(298), finishedAt: .ago(228)),
      Step(name: "Set up ZooKeeper", state: .running, startedAt: .ago(228), detail: "Waiting for a quorum: 1 of 3."),
      Step(
        name: "Set up Kafka", state: .failed, startedAt: .ago(200), finishedAt: .ago(180),
        detail:
          "chef-solo ended with 1 on kafka-01: no space left on /var/lib. Free it on node lxd-04; the step is tried again."
      ),
      Step(name: "Send a line through", state: .waiting),
    ], isProvisioned: false)
}

extension InfrastructuresPage {
  static let some = InfrastructuresPage(
    groups: sorted([
      Group(
        clusterName: "mahakam", name: "Driver experience", template: "large", meaning: .good, status: "Active",
        appCount: 12,
        linesPerSecond: 38_400, components: Array(GroupPage.nodes.prefix(2))),
      Group(
        clusterName: "kapuas", name: "Payments", template: "medium", meaning: .bad, status: "1 component down",
        appCount: 3,
        linesPerSecond: 4210, components: GroupPage.nodes),
      Group(
        clusterName: "barito-7", name: "Growth", template: "small", meaning: .unknown, status: "Provisioning",
        appCount: 0,
        components: []),
    ]))
}

extension AccountPage {
  static let scopes = [
    Scope(name: "apps:read", meaning: "See apps, their numbers and limits"),
    Scope(name: "apps:write", meaning: "Register apps, make and revoke secrets"),
    Scope(name: "tail", meaning: "Follow lines with baritotail"),
  ]
  static let empty = AccountPage(userName: "dewi", scopes: scopes, tokens: [])
  static let full = AccountPage(
    userName: "dewi", scopes: scopes,
    tokens: [
      Token(
        id: "1", name: "deploy pipeline", scopes: ["apps:read", "apps:write"], createdAt: .ago(864_000),
        lastUsedAt: .ago(42)),
      Token(id: "2", name: "laptop", scopes: ["tail"], createdAt: .ago(10)),
    ], newToken: "barito_pat_8c1f4e2d9b7a6053", typedName: "deploy pipeline", chosenScopes: ["tail"],
    errors: [AccountPage.Form.name: "You have a token of this name already. Choose another one."])
}

extension RedactionPage {
  static let rules = [
    RedactionRule(name: "CARD", .pattern(#"\b\d{13,19}\b"#), hintStart: 2, hintEnd: 2),
    RedactionRule(name: "MAIL", .path(".user.email")),
  ]
  static let empty = RedactionPage(
    name: "Payments", home: "/groups/kapuas", path: "/groups/kapuas/redaction", group: .mock, isApp: false, rules: [])
  static let tried = RedactionPage(
    name: "payments-api", home: "/apps/1", path: "/apps/1/redaction", group: .mock, isApp: true, rules: rules,
    typed: Typed(name: "TOKEN", pattern: "eyJ[\\w.-]+", sample: #"{"message":"paid with 4111111111111111"}"#),
    trial: RedactionTrial(rules, on: [#"{"message":"paid with 4111111111111111"}"#, "no JSON"]))
  static let wrong = RedactionPage(
    name: "payments-api", home: "/apps/1", path: "/apps/1/redaction", group: .mock, isApp: true, rules: rules,
    isInherited: true, typed: Typed(name: "TOKEN", pattern: "a(b"),
    errors: [Form.pattern: "The pattern is wrong at position 3.", Form.sample: "There is no sample."])
}

extension MockPage {
  /// Every page in every state that looks different.
  static let all: [MockPage] = [
    MockPage(name: "sign-in", page: SignInPage(), context: .signedOut),
    MockPage(
      name: "sign-in-refused", page: SignInPage(userName: "dewi", returnTo: "/apps/1", error: SignInPage.refused),
      context: .signedOut),
    MockPage(
      name: "first-administrator", page: FirstAdministratorPage(token: "t"), context: .signedOut),
    MockPage(name: "password", page: PasswordPage(token: "t"), context: .signedOut),
    MockPage(name: "my-apps", page: MyAppsPage.few),
    MockPage(name: "my-apps-empty", page: MyAppsPage.empty),
    MockPage(name: "my-apps-many", page: MyAppsPage.many),
    MockPage(name: "my-apps-no-match", page: MyAppsPage.noMatch),
    MockPage(name: "register", page: RegisterPage.ordinary),
    MockPage(name: "register-first", page: RegisterPage.first),
    MockPage(name: "register-wrong", page: RegisterPage.wrong),
    MockPage(name: "register-not-allowed", page: RegisterPage.notAllowed),
    MockPage(name: "set-up", page: AppSetUpPage.fresh),
    MockPage(name: "set-up-later", page: AppSetUpPage.later),
    MockPage(name: "set-up-works", page: AppSetUpPage.works),
    MockPage(name: "app", page: AppPage.busy),
    MockPage(name: "app-no-data", page: AppPage.noData),
    MockPage(name: "group", page: GroupPage.active),
    MockPage(name: "group-provisioning", page: GroupPage.provisioning),
    MockPage(name: "redaction-none", page: RedactionPage.empty),
    MockPage(name: "redaction-tried", page: RedactionPage.tried),
    MockPage(name: "redaction-wrong", page: RedactionPage.wrong),
    MockPage(name: "infrastructures", page: InfrastructuresPage.some),
    MockPage(name: "infrastructures-empty", page: InfrastructuresPage(groups: [])),
    MockPage(
      name: "account", page: AccountPage.full),
    MockPage(
      name: "account-empty", page: AccountPage.empty,
      context: {
        var context = PageContext.mock
        context.flash = .init(meaning: .good, text: "The token “laptop” is revoked.")
        return context
      }()),
    MockPage(name: "error-403", page: ErrorPage(kind: .forbidden, requestID: "01JD8Z6Y5K")),
    MockPage(name: "error-404", page: ErrorPage(kind: .notFound, requestID: "01JD8Z6Y5K"), context: .signedOut),
    MockPage(name: "error-500", page: ErrorPage(kind: .failed, requestID: "01JD8Z6Y5K")),
  ]
}

import BaritoCore
import BaritoService
import Testing

@testable import BaritoRouter

@Suite struct AdmissionTests {
  private func admission(
    _ credentials: Credentials, _ groups: [GroupProfile], _ apps: [AppProfile]
  ) -> Admission {
    Admission(credentials, in: ProfileDirectory(groups, apps))
  }

  private func code(_ admission: Admission) -> Refusal.Code? {
    guard case .refused(let refusal) = admission else { return nil }
    return refusal.code
  }

  @Test("an app's secret leads to its topic")
  func app() {
    let result = admission(.app(SecretHash(of: "secret-Shop")), [.named()], [.named("Shop")])
    guard case .admitted(let destination) = result else {
      Issue.record("refused: \(result)")
      return
    }
    #expect(destination.topic == "shop_logs" && destination.app.name == "Shop")
  }

  @Test("a password is an app's secret, or a group's and the user is the app's name")
  func basic() {
    func topic(_ user: String, _ password: String) -> String {
      admission(.basic(user: user, SecretHash(of: password)), [.named()], [.named("Shop")]).topic
    }
    #expect(topic("", "secret-Shop") == "shop_logs" && topic("elastic", "secret-Shop") == "shop_logs")
    #expect(topic("Shop", "group-haza") == "shop_logs" && topic("New App", "group-haza") == "new-app_logs")
    #expect(code(admission(.basic(user: "", SecretHash(of: "group-haza")), [.named()], [])) == .invalidAppName)
    #expect(code(admission(.basic(user: "Shop", SecretHash(of: "x")), [.named()], [.named("Shop")])) == .unknownSecret)
  }

  @Test("a group's secret leads to the app that it names, in any case")
  func group() {
    let result = admission(.group(SecretHash(of: "group-haza"), appName: "SHOP"), [.named()], [.named("Shop")])
    guard case .admitted(let destination) = result else {
      Issue.record("refused: \(result)")
      return
    }
    #expect(destination.topic == "shop_logs")
  }

  @Test("a name that the group does not have may be made")
  func unknownName() {
    let result = admission(.group(SecretHash(of: "group-haza"), appName: "New App"), [.named()], [])
    #expect(result == .unknownApp(name: "New App", topicName: "new-app", group: .named()))
  }

  @Test("the app of another group is not the group's")
  func otherGroup() {
    let result = admission(
      .group(SecretHash(of: "group-haza"), appName: "shop"), [.named(), .named("other")], [.named("shop", in: "other")])
    #expect(result == .unknownApp(name: "shop", topicName: "shop", group: .named()))
  }

  @Test("an app's secret is no group's, and a group's no app's")
  func mixed() {
    #expect(code(admission(.app(SecretHash(of: "group-haza")), [.named()], [.named("a")])) == .unknownSecret)
    #expect(
      code(admission(.group(SecretHash(of: "secret-a"), appName: "a"), [.named()], [.named("a")])) == .unknownSecret)
  }

  @Test("whoever may not send is told why")
  func refusals() {
    let app = Credentials.app(SecretHash(of: "secret-a"))
    #expect(code(admission(.none, [], [])) == .noSecret)
    #expect(code(admission(.nameMissing, [], [])) == .noSecret)
    #expect(code(admission(app, [], [])) == .unknownSecret)
    #expect(code(admission(app, [], [.named("a")])) == .groupInactive)
    #expect(code(admission(app, [.named()], [.named("a", status: .inactive)])) == .appInactive)
    #expect(code(admission(app, [.named(status: .inactive)], [.named("a")])) == .groupInactive)
    #expect(code(admission(app, [.named(status: .pending, brokers: nil)], [.named("a")])) == .groupNotReady)
    #expect(code(admission(app, [.named(status: .verifying)], [.named("a")])) == .groupNotReady)
    #expect(code(admission(app, [.named(status: .active, brokers: nil)], [.named("a")])) == .groupNotReady)
    let name = Credentials.group(SecretHash(of: "group-haza"), appName: "-x")
    #expect(code(admission(name, [.named()], [])) == .invalidAppName)
  }

  @Test("only the platform's probe writes to a cluster that is being verified")
  func probe() {
    let result = admission(
      .app(SecretHash(of: "secret-probe")), [.named(status: .verifying)], [.named("probe", isProbe: true)])
    #expect(code(result) == nil)
  }

  @Test(
    "Market is not asked to make apps of a group that may not send",
    arguments: [GroupProfile.Status.inactive, .pending])
  func unknownNameOfInactiveGroup(status: GroupProfile.Status) {
    let result = admission(.group(SecretHash(of: "group-haza"), appName: "new"), [.named(status: status)], [])
    #expect(code(result) == (status == .inactive ? .groupInactive : .groupNotReady))
  }
}

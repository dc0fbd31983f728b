import BaritoCore
import Testing

@testable import BaritoMarket

@Suite struct ClusterNamingTests {
  @Test("no two numbers give the same word, and every word is lower-case letters")
  func unique() {
    var seen: Set<String> = []
    for number in Array(Int64(0)..<20_000) + Array(Int64(342_000)..<345_000) + [10_000_000, 10_000_001] {
      let name = ClusterNaming.name(for: number).rawValue
      #expect(seen.insert(name).inserted, "\(number) gives \(name) again")
      #expect(name.utf8.count >= 6 && name.utf8.allSatisfy { (0x61...0x7a).contains($0) })
    }
  }

  @Test("all words of three syllables are different") func exhaustive() {
    var seen: Set<String> = []
    for number in Int64(0)..<343_000 { seen.insert(ClusterNaming.name(for: number).rawValue) }
    #expect(seen.count == 343_000)
  }
}

@Suite struct ProvisioningStateTests {
  private let events: [ProvisioningEvent] = {
    func event(_ status: ProvisioningStatus, _ at: Int64, component: String? = nil) -> ProvisioningEvent {
      ProvisioningEvent(
        requestID: "r", clusterName: ClusterName("a"), status: status, component: component, message: "\(at)", at: at)
    }
    return [
      event(.deploymentStarted, 1), event(.deploymentFinished, 2), event(.provisioningStarted, 3),
      event(.provisioningError, 4, component: "a-kafka-01"), event(.provisioningStarted, 5),
      event(.provisioningFinished, 6), event(.bootstrapStarted, 7),
      event(.bootstrapFinished, 8, component: "a-kafka-01"),
      event(.bootstrapError, 9, component: "a-kafka-01"),
    ]
  }()

  @Test("events in any order and repeated end in the same state")
  func anyOrder() {
    var inOrder = ProvisioningState()
    for event in events { inOrder.apply(event) }
    #expect(inOrder.status == .bootstrapError)
    #expect(inOrder.component == "a-kafka-01")
    #expect(inOrder.message == "9")
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      var state = ProvisioningState()
      for event in (events + events).shuffled(using: &random) { state.apply(event) }
      #expect(state == inOrder)
    }
  }

  @Test("a step that is tried again shows as running, its end overrules its error")
  func retried() {
    var state = ProvisioningState()
    for event in events.prefix(4) { state.apply(event) }
    #expect(state.status == .provisioningError)
    state.apply(events[4])
    #expect(state.status == .provisioningStarted)
    state.apply(events[5])
    state.apply(events[3])
    #expect(state.status == .provisioningFinished)
  }

  @Test("a step done again after a crash does not turn a later one back")
  func neverBack() {
    var state = ProvisioningState(status: .verifying, at: 10)
    let isNews = state.apply(
      ProvisioningEvent(requestID: "r", clusterName: ClusterName("a"), status: .deploymentStarted, at: 99))
    #expect(!isNews)
    #expect(state.status == .verifying)
  }

  @Test("a group becomes active only when it is finished and its cluster is known")
  func stage() {
    let finished = ProvisioningState(status: .finished)
    #expect(GroupStage.after(.pending, state: finished, hasEndpoints: false) == .pending)
    #expect(GroupStage.after(.pending, state: ProvisioningState(status: .verifying), hasEndpoints: true) == .verifying)
    #expect(GroupStage.after(.verifying, state: finished, hasEndpoints: true) == .active)
    #expect(GroupStage.after(.active, state: ProvisioningState(), hasEndpoints: false) == .active)
    #expect(GroupStage.active.profileStatus(isEnabled: false) == .inactive)
  }
}

@Suite struct AppliedOffsetsTests {
  @Test("a record counts once, unless its topic was made again")
  func admit() {
    var offsets = AppliedOffsets()
    let records: [(Int64, Int64)] = [(0, 100), (1, 90), (0, 100), (1, 90), (7, 95), (0, 500)]
    let admitted = records.map { offsets.admit(offset: $0.0, timestamp: $0.1) }
    #expect(admitted == [true, true, false, false, true, true])
    #expect(offsets == AppliedOffsets(next: 1, newest: 500))
  }
}

@Suite struct AttemptThrottleTests {
  @Test("after ten failures a key is refused until its window is over, others are not")
  func limit() {
    var throttle = AttemptThrottle(limit: 10, window: 60)
    for _ in 0..<10 {
      #expect(throttle.refusal(of: "a", now: 1_000) == nil)
      throttle.failed("a", now: 1_000)
    }
    #expect(throttle.refusal(of: "a", now: 31_000) == 30)
    #expect(throttle.refusal(of: "b", now: 31_000) == nil)
    #expect(throttle.refusal(of: "a", now: 61_000) == nil)
    throttle.failed("a", now: 61_000)
    #expect(throttle.refusal(of: "a", now: 61_000) == nil)
  }

  @Test("who succeeds begins anew, and memory is bounded")
  func bounded() {
    var throttle = AttemptThrottle(limit: 1, window: 60, capacity: 100)
    throttle.failed("a", now: 0)
    throttle.succeeded("a")
    #expect(throttle.refusal(of: "a", now: 0) == nil)
    for number in 0..<1_000 { throttle.failed("\(number)", now: Int64(number)) }
    #expect(throttle.refusal(of: "999", now: 1_000) != nil)
    #expect((0..<1_000).count { throttle.refusal(of: "\($0)", now: 1_000) != nil } <= 100)
  }
}

@Suite struct SessionTests {
  private let user = User(
    id: UserID(rawValue: 1), name: "ada", isSuperadmin: false, isSystem: false, isDeactivated: false, createdAt: 0)

  @Test("a form is accepted only with the token of its own session")
  func csrf() {
    let session = Session(principal: Principal(user: user), token: "one")
    let other = Session(principal: Principal(user: user), token: "two")
    #expect(session.accepts(csrfToken: session.csrfToken))
    #expect(!session.accepts(csrfToken: other.csrfToken))
    #expect(!session.accepts(csrfToken: nil))
    #expect(!session.accepts(csrfToken: ""))
    #expect(!session.csrfToken.contains("one"))
  }

  @Test(
    "cookies are for TLS everywhere but on loopback",
    arguments: [
      ("https://barito.example", true), ("http://barito.example", true), ("http://127.0.0.1:8080", false),
      ("http://localhost", false), ("http://[::1]:8080", false), ("http://127.0.0.1.evil.example", true),
    ])
  func secure(url: String, isSecure: Bool) {
    let addresses = MarketAddresses(publicURL: url, viewerURL: "", tailURL: "")
    #expect(addresses.isSecure == isSecure)
    let cookie = SessionCookie(isSecure: addresses.isSecure).set("x", lifetime: 60)
    #expect(cookie.contains("; HttpOnly; SameSite=Lax"))
    #expect(cookie.contains("; Secure") == isSecure)
    #expect(cookie.hasPrefix("__Host-") == isSecure)
  }

  @Test(
    "a bearer token is read whatever the scheme's case, and nothing else is one",
    arguments: [("Bearer x", "x"), ("bearer  y", "y"), ("Basic x", nil), ("Bearer", nil), ("Bearer ", nil), (nil, nil)])
  func bearer(header: String?, token: String?) { #expect(Authenticator.bearer(header) == token) }
}

@Suite struct RequestOriginTests {
  @Test(
    "a form of another site is not ours, whatever the browser tells of it",
    arguments: [
      ("same-origin", nil, true), ("none", nil, true), ("cross-site", "http://127.0.0.1:8080", false),
      ("same-site", nil, false), (nil, "http://127.0.0.1:8080", true), (nil, "http://evil.example", false),
      (nil, "null", false), (nil, nil, true),
    ])
  func isOurs(site: String?, origin: String?, isOurs: Bool) {
    #expect(
      RequestOrigin.isOurs(secFetchSite: site, origin: origin, publicURL: "http://127.0.0.1:8080") == isOurs)
  }
}

@Suite struct PolicyTests {
  private func principal(_ scopes: Set<Scope>? = nil, isSuperadmin: Bool = false, isDeactivated: Bool = false)
    -> Principal
  {
    Principal(
      user: User(
        id: UserID(rawValue: 1), name: "a", isSuperadmin: isSuperadmin, isSystem: false, isDeactivated: isDeactivated,
        createdAt: 0), scopes: scopes)
  }

  @Test("each standing may do what the one below it may, and the table is the agreed one")
  func table() {
    let least: [Policy.Action: Policy.Standing] = [
      .viewSelf: .user, .manageOwnTokens: .user, .createGroup: .user, .viewGroup: .member, .readLines: .member,
      .createApp: .admin, .changeApp: .admin, .deleteApp: .admin, .manageAppSecrets: .admin, .changeGroup: .owner,
      .manageGroupSecrets: .owner, .manageMembers: .owner, .retryProvisioning: .owner, .deleteGroup: .owner,
      .viewPlatform: .superadmin, .manageUsers: .superadmin, .viewAudit: .superadmin,
    ]
    let roles: [(Role?, Policy.Standing)] = [(nil, .user), (.member, .member), (.admin, .admin), (.owner, .owner)]
    for action in Policy.Action.allCases {
      for (role, standing) in roles {
        #expect(Policy.allows(action, to: principal(), role: role) == (standing >= least[action] ?? .superadmin))
      }
      #expect(Policy.allows(action, to: principal(isSuperadmin: true)))
      #expect(!Policy.allows(action, to: principal(isSuperadmin: true, isDeactivated: true), role: .owner))
    }
  }

  @Test("a token may do no more than its scopes say")
  func scopes() {
    #expect(Policy.allows(.viewGroup, to: principal([.read]), role: .owner))
    #expect(Policy.allows(.viewGroup, to: principal([.write]), role: .owner))
    #expect(!Policy.allows(.createApp, to: principal([.read]), role: .owner))
    #expect(!Policy.allows(.readLines, to: principal([.read, .write]), role: .owner))
    #expect(Policy.allows(.readLines, to: principal([.tail]), role: .member))
    #expect(!Policy.allows(.viewGroup, to: principal([.tail]), role: .member))
    #expect(!Policy.allows(.manageUsers, to: principal([.read, .write, .tail], isSuperadmin: true)))
    #expect(Policy.allows(.manageUsers, to: principal([.admin], isSuperadmin: true)))
  }
}

@Suite struct UsageSumsTests {
  @Test("reports add up by app and ten seconds, and no count of a broken one overflows")
  func add() {
    func report(_ to: Int64, _ app: AppUsage) -> UsageReport {
      UsageReport(service: "router", instance: "r", clusterName: ClusterName("a"), from: 0, to: to, apps: [app])
    }
    var sums = UsageSums()
    sums.add(report(10_000, AppUsage(app: AppID(1), accepted: 2, bytes: 10, refused: ["limit": 3], lastLineAt: 9_000)))
    sums.add(report(10_001, AppUsage(app: AppID(1), accepted: 5, bytes: 50, lastLineAt: 8_000)))
    sums.add(report(9_000, AppUsage(app: AppID(1), accepted: -4, indexed: .max)))
    sums.add(report(9_000, AppUsage(app: AppID(1), indexed: .max)))
    #expect(sums.buckets.sorted { $0.at < $1.at }.map(\.accepted) == [2, 5])
    #expect(sums.buckets.map(\.at).sorted() == [0, 10_000])
    #expect(sums.refusals == [UsageSums.Refusal(app: 1, at: 0, code: "limit", lines: 3)])
    #expect(sums.totals.map(\.accepted) == [7])
    #expect(sums.totals.map(\.lastLineAt) == [9_000])
    #expect(sums.totals.map(\.indexed) == [2 << 40])
  }

  @Test("of a secret's times in many reports the newest counts, and a report may be about secrets alone")
  func secrets() {
    var sums = UsageSums()
    for at: Int64 in [5, 9, 7] {
      sums.add(
        UsageReport(
          service: "router", instance: "r", clusterName: ClusterName("a"), from: 0, to: 10, apps: [],
          secrets: [SecretUse(Token.hash("a"), at: at)]))
    }
    #expect(sums.isEmpty)
    #expect(sums.secrets == [SecretUse(Token.hash("a"), at: 9)])
  }

  @Test("rates are measured over ten to twenty seconds")
  func window() {
    #expect(RateWindow(now: 20_000).from == 10_000)
    #expect(RateWindow(now: 20_000).seconds == 10)
    #expect(RateWindow(now: 29_999).from == 10_000)
    #expect(RateWindow(now: 29_999).seconds == 19.999)
  }
}

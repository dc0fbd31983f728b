import BaritoCore
import HTTP

/// An app: its page, before and after the first line, what it streams, and its secrets.
extension WebController {
  var appRoutes: [WebRoute] {
    let page: @Sendable (HTTPRequest) -> String = { MarketRoutes.app($0.parameters["id"] ?? "") }
    return [
      .get(MarketRoutes.myApps) { try await myApps($0) },
      .get(MarketRoutes.register) { try await register($0) },
      .post(MarketRoutes.register, page: WebRoute.at(MarketRoutes.register)) { try await registered($0) },
      .get(MarketRoutes.appPattern) { try await app($0) },
      .get(MarketRoutes.appEventsPattern, page: page) { try await appEvents($0) },
      .post(MarketRoutes.appLimitsPattern, page: page) { try await appLimitsChanged($0) },
      .post(MarketRoutes.appSecretsPattern, page: page) { call in
        let path = MarketRoutes.app("\(try call.appID)")
        do {
          let secret = try await services.apps.createSecret(of: try call.appID, by: try call.principal)
          return try redirect(with: Note(page: path, secret: secret.value), call)
        } catch let error as MarketError where error.code == .tooManySecrets {
          return try redirect(with: Note(page: path, text: error.detail, isBad: true), call)
        }
      },
      .post(MarketRoutes.revokeSecretPattern, page: page) { call in
        let id = try call.appID
        return try await change(
          on: MarketRoutes.app("\(id)"), call,
          done: "The secret is revoked. Who still sends with it is refused within seconds."
        ) {
          try await services.apps.revokeSecret(try call.number("secret_id"), of: id, by: try call.principal)
        }
      },
    ]
  }

  /// - Parameter form: limits that were typed and cannot be; nil for what holds.
  func app(_ call: WebCall, _ form: LimitsForm? = nil, status: Int = 200) async throws -> HTTPResponse {
    let principal = try call.principal
    let detail = try await services.apps.find(try call.appID, principal)
    let siblings = try await services.apps.list(in: detail.group.clusterName, principal)
    let now = services.clock()
    let group = try await navigation(detail.group, apps: siblings, current: detail.app.id, now: now)
    let reading = try await reading(of: detail.app.id)
    let secret = note(call)?.secret
    let limitsForm = form ?? LimitsForm(detail.app.limits, detail.app.overload)
    guard form != nil || reading.lastLineAt != nil || detail.rate.lastLineAt != nil else {
      let page = AppSetUpPage(
        appID: "\(detail.app.id)", name: detail.app.name, topic: detail.topic, router: services.settings.router,
        secret: secret, group: group,
        obstacle: AppSetUpPage.obstacle(to: detail.app, in: try await provisioning(of: detail.group.id)),
        mayMakeSecrets: Policy.allows(.manageAppSecrets, to: principal, role: detail.role)
          && detail.secrets.count < AppPage.secretLimit)
      return try await render(page, call)
    }
    let refusals = try await refusals(of: detail.app.id, now: now)
    let page = AppPage(
      appID: "\(detail.app.id)", name: detail.app.name, topic: detail.topic, indexPrefix: detail.indexPrefix,
      router: services.settings.router,
      appState: reading.state(isActive: detail.app.status == .active, now: now), group: group,
      numbers: AppPage.Numbers(reading, of: detail.app, now: now),
      limits: AppPage.Limits(
        linesPerSecond: Double(
          detail.app.limits.linesPerSecond ?? detail.group.limits.linesPerSecond ?? detail.group.template.maxTPS),
        bytesPerSecond: (detail.app.limits.bytesPerSecond ?? detail.group.limits.bytesPerSecond).map(Double.init)),
      refusals: refusals, secrets: detail.secrets.map(AppPage.Secret.init), newSecret: secret,
      retentionDays: detail.app.retentionDays, kibanaURL: kibanaURL(of: detail.group),
      mayChangeSecrets: Policy.allows(.manageAppSecrets, to: principal, role: detail.role),
      redaction: detail.app.redaction ?? detail.group.redaction, isRedactionInherited: detail.app.redaction == nil,
      limitsForm: Policy.allows(.changeApp, to: principal, role: detail.role) ? limitsForm : nil)
    return try await render(page, call, status: status)
  }

  /// What is streamed to the page of an app: its figures, and in set-up state what became of the first line.
  private func appEvents(_ call: WebCall) async throws -> HTTPResponse {
    let id = try call.appID
    let detail = try await services.apps.find(id, try call.principal)
    let awaitsLine = call.request.query.first(MarketRoutes.setUpQuery) != nil
    return stream(call) {
      _ = try await services.apps.find(id, try await stillSignedIn(call))
    } parts: { now in
      let reading = try await reading(of: id)
      if awaitsLine {
        let line = try await firstLine(of: detail, reading)
        let cluster = try await provisioning(of: detail.group.id)
        let state = reading.state(isActive: detail.app.status == .active, now: now.milliseconds)
        return [
          LivePart(at: now) { _ in AppPage.stateFragment(state) },
          LivePart(at: now) { _ in AppSetUpPage.obstacleFragment(AppSetUpPage.obstacle(to: detail.app, in: cluster)) },
          LivePart(at: now) { _ in AppSetUpPage.firstLineFragment(line, appID: "\(id)") },
        ]
      }
      let state = reading.state(isActive: detail.app.status == .active, now: now.milliseconds)
      let numbers = AppPage.Numbers(reading, of: detail.app, now: now.milliseconds)
      let refusals = try await refusals(of: id, now: now.milliseconds, unlessNone: reading)
      return [
        LivePart(at: now) { _ in AppPage.stateFragment(state) },
        LivePart(at: now) { AppPage.numbersFragment(numbers, now: $0) },
        LivePart(at: now) { _ in AppPage.chartFragment(numbers) },
        LivePart(at: now) { AppPage.refusalFragment(refusals, now: $0) },
      ]
    }
  }

  /// What was counted of an app, shared by all who look at it.
  func reading(of app: AppID) async throws -> AppReading {
    try await readings.reading(of: "\(app)") { [database, services] _ in
      let from = AppReading.start(now: services.clock())
      return try await database.snapshot { transaction in
        try await ReadingStore(transaction).reading(of: app, from: from, step: AppReading.step)
      }
    }
  }

  private func refusals(of app: AppID, now: Int64, unlessNone reading: AppReading? = nil) async throws -> [AppPage
    .Refusal]
  {
    if let reading, reading.counts(from: 0).refused == 0 { return [] }
    let from = AppReading.start(now: now)
    return try await database.snapshot { try await ReadingStore($0).refusals(of: app, from: from) }.map { refusal in
      AppPage.Refusal(
        code: refusal.code, count: Int(refusal.lines), lastAt: Moment(milliseconds: refusal.lastAt),
        remedy: RefusalRemedy.words(for: refusal.code))
    }
  }

  /// How far the first line is, shared by all who wait for it.
  private func firstLine(of detail: Apps.Detail, _ reading: AppReading) async throws -> FirstLine {
    try await firstLines.reading(of: "\(detail.app.id)") { [services, newestLine] previous in
      let known = previous ?? .awaited
      guard known.isAwaitedInIndex, reading.lastLineAt != nil else { return known.next(reading, found: nil, now: 0) }
      var found: String?
      // The group may have become active since the page was opened.
      if let cluster = try await endpoints(of: detail) {
        found = await newestLine.find(indexPrefix: detail.indexPrefix, at: cluster.elasticsearchURL)
      }
      return known.next(reading, found: found, now: services.clock())
    }
  }

  private func endpoints(of detail: Apps.Detail) async throws -> ClusterEndpoints? {
    if let endpoints = detail.group.endpoints { return endpoints }
    return try await database.transaction { try await GroupStore($0).find(detail.group.id) }?.endpoints
  }

  func kibanaURL(of group: AppGroup) -> String? {
    guard group.endpoints?.kibanaURL != nil, group.stage == .active else { return nil }
    return "\(services.viewerURL)/\(MarketRoutes.segment(group.clusterName.rawValue))/"
  }
}

extension AppPage.Numbers {
  init(_ reading: AppReading, of app: App, now: Int64) {
    let rate = reading.rate(now: now)
    let minute = reading.lastMinute(now: now)
    self.init(
      measuredAt: reading.reportedAt.map { Moment(milliseconds: min($0, now)) }, acceptedPerSecond: rate.lines,
      bytesPerSecond: rate.bytes, refusedPerSecond: Double(minute.refused) / 60,
      quarantinedPerSecond: Double(minute.quarantined) / 60, lagMilliseconds: reading.lag(now: now),
      lastLineAt: reading.lastLineAt.map { Moment(milliseconds: $0) },
      lastHour: reading.chart(created: app.createdAt, now: now))
  }
}

extension AppPage.Secret {
  init(_ secret: StoredSecret) {
    self.init(
      id: "\(secret.id)", createdAt: Moment(milliseconds: secret.createdAt),
      lastUsedAt: secret.lastUsedAt.map { Moment(milliseconds: $0) })
  }
}

extension AppSetUpPage {
  /// What holds the first line up, in words.
  static func obstacle(to app: App, in cluster: GroupReading) -> String? {
    let group = cluster.group
    guard app.status == .active else { return "The app is switched off. Its lines are refused with 403." }
    switch group.status {
    case .active: return nil
    case .inactive: return "The group \(group.name) is switched off. Lines are refused with 403."
    case _ where cluster.hasFailed:
      return
        "Provisioning the group \(group.name) has failed; its page says why. Lines are refused with 503 until that is "
        + "mended; fluentd and other shippers try again by themselves."
    case .pending, .verifying:
      return
        "The group \(group.name) is still being provisioned. Lines are refused with 503 until it is active; "
        + "fluentd and other shippers try again by themselves."
    }
  }
}

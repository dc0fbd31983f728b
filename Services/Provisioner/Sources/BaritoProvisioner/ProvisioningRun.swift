import BaritoCore

/// One request on its way: given what exists, says what to tell and what to do next. Pure.
///
/// What it remembers is only what was said and tried in this life. All else comes from the driver, and every step may
/// be done twice, so a run that begins anew at any moment ends as the first one would have.
struct ProvisioningRun: Sendable {
  struct Limits: Sendable, Equatable {
    /// How long all instances may stay as they are before they count as stuck; also how long the driver may fail.
    var componentTimeout: Duration = .seconds(1800)
    /// Other chances that each instance gets.
    var retries = 3
    /// How long after a retry the old error may still show.
    var retryPatience: Duration = .seconds(60)
    /// How long the driver may fail before that is told.
    var troublePatience: Duration = .seconds(60)
  }

  enum Outcome: String, Sendable, CaseIterable { case finished, deleted, failed }

  enum Action: Sendable, Equatable {
    /// Ask for the plan, then `applied`.
    case apply
    /// Look, then `observed`.
    case observe
    /// Give these another chance, then look.
    case retry([ComponentRetry])
    /// Wait, then `resumed`.
    case wait
    /// Send a line through the cluster, then `verified`.
    case verify(ClusterEndpoints)
    case end(Outcome)
  }

  /// An event without what every event has.
  struct Report: Sendable, Equatable {
    var status: ProvisioningStatus
    var component: String?
    var message = ""
    var cluster: ClusterEndpoints?
  }

  /// Tell first, then act.
  struct Step: Sendable, Equatable {
    var reports: [Report] = []
    var action: Action
  }

  fileprivate enum Stage { case deploying, provisioning, bootstrapping, deleting }

  private let kind: ProvisioningRequest.Kind
  private let plan: ProvisioningPlan
  private let limits: Limits
  private var isApplied = false
  private var said: Set<ProvisioningStatus> = []
  private var seen: [String: ProvisioningStatus] = [:]
  private var changedAt: Duration = .zero
  private var retries: [String: Int] = [:]
  /// Instances whose error is still the one that was answered by a retry, and when that was.
  private var retriedAt: [String: Duration] = [:]
  private var trouble: (since: Duration, isSaid: Bool)?

  init(_ kind: ProvisioningRequest.Kind, _ plan: ProvisioningPlan, _ limits: Limits) {
    self.kind = kind
    self.plan = plan
    self.limits = limits
  }

  // MARK: - What happened

  /// - Parameter now: of a clock that never goes back.
  mutating func begin(now: Duration) -> Step {
    changedAt = now
    var reports = say(.pending, "The request was taken up.")
    guard kind == .create else {
      return Step(reports: reports + say(.deleteStarted, "The cluster is being deleted."), action: .apply)
    }
    for type in [ComponentType.kafka, .elasticsearch] where !plan.instances.contains(where: { $0.type == type }) {
      reports.append(
        Report(
          status: .deploymentError,
          message: "The template has no \(type.rawValue), without which no line can be kept: choose another template."))
      return Step(reports: reports, action: .end(.failed))
    }
    return Step(reports: reports + say(.deploymentStarted, "The cluster is asked for."), action: .apply)
  }

  /// The driver has accepted the plan.
  mutating func applied(now: Duration) -> Step {
    (isApplied, changedAt, trouble) = (true, now, nil)
    guard kind == .create else { return Step(action: .observe) }
    return Step(
      reports: say(.deploymentFinished, "The cluster was accepted.")
        + say(.provisioningStarted, "\(plan.instances.count) instances are being made."),
      action: .observe)
  }

  /// The wait is over.
  func resumed() -> Step { Step(action: isApplied ? .observe : .apply) }

  /// The driver did not do it.
  mutating func failed(_ error: ProvisionerError, now: Duration) -> Step {
    let report = Report(status: stage.error, message: "\(error.detail).")
    if error.disposition == .reject { return Step(reports: [report], action: .end(.failed)) }
    let since = trouble?.since ?? now
    guard now - since < limits.componentTimeout else {
      let message = "\(error.detail); given up after \(limits.componentTimeout). Ask again when that is mended."
      return Step(reports: [Report(status: stage.error, message: message)], action: .end(.failed))
    }
    let isDue = error.disposition == .fatal || now - since >= limits.troublePatience
    let wasSaid = trouble?.isSaid ?? false
    trouble = (since, wasSaid || isDue)
    return Step(reports: isDue && !wasSaid ? [report] : [], action: .wait)
  }

  /// The driver has told what exists.
  mutating func observed(_ states: [ComponentState], now: Duration) -> Step {
    var reports = recovered()
    let statuses = Dictionary(states.map { ($0.hostname, $0.status) }) { _, last in last }
    if statuses != seen { changedAt = now }
    for state in states.sorted(by: { $0.hostname < $1.hostname }) where seen[state.hostname] != state.status {
      // An error is told by whoever decides what follows from it.
      if state.status.isError { continue }
      retriedAt[state.hostname] = nil
      reports.append(Report(status: state.status, component: state.hostname, message: state.message))
    }
    seen = statuses
    var step = kind == .create ? creation(states, now) : deletion(states, now)
    step.reports = reports + step.reports
    return step
  }

  /// A line was sent through the cluster.
  func verified(_ proof: Proof) -> Step {
    switch proof {
    case .searchable(let delay):
      let message = "A line was searchable \(delay.inSecondsText) s after it was sent: the group can be used."
      return Step(reports: [Report(status: .finished, message: message)], action: .end(.finished))
    case .failed(let reason):
      let message = "No line came through: \(reason). Mend that, then ask again."
      return Step(reports: [Report(status: .verifyError, message: message)], action: .end(.failed))
    case .stopped:
      return Step(action: .wait)
    }
  }

  // MARK: - What follows

  private mutating func creation(_ states: [ComponentState], _ now: Duration) -> Step {
    let byName = Dictionary(states.map { ($0.hostname, $0) }) { _, last in last }
    let mine = plan.instances.map { ($0, byName[$0.hostname]) }
    var failures: [Failure] = []
    for case (let instance, let state?) in mine where state.status.isError {
      if let at = retriedAt[instance.hostname], now - at < limits.retryPatience { continue }
      failures.append(Failure(instance, state))
    }
    if !failures.isEmpty { return settle(failures, now) }
    var reports: [Report] = []
    guard mine.allSatisfy({ $0.1?.status.isProvisioned == true }) else { return waiting(mine, reports, now) }
    reports += say(.provisioningFinished, "All instances are made.")
    reports += say(.bootstrapStarted, "The instances are being set up.")
    guard mine.allSatisfy({ $0.1?.status == .bootstrapFinished }), let cluster = plan.endpoints(states) else {
      return waiting(mine, reports, now)
    }
    reports += say(.bootstrapFinished, "All instances are set up.", cluster)
    reports += say(.verifying, "A line is sent through the cluster.", cluster)
    return Step(reports: reports, action: .verify(cluster))
  }

  private mutating func waiting(
    _ mine: [(ProvisioningPlan.Instance, ComponentState?)], _ reports: [Report], _ now: Duration
  ) -> Step {
    guard now - changedAt >= limits.componentTimeout else { return Step(reports: reports, action: .wait) }
    var stuck = mine.filter { $0.1?.status != .bootstrapFinished }
    // All are set up, so what is missing is an address.
    if stuck.isEmpty { stuck = mine.filter { $0.1?.ipAddress == nil } }
    var step = settle(stuck.map { Failure(stuck: $0.0, $0.1, limits.componentTimeout) }, now)
    step.reports = reports + step.reports
    return step
  }

  /// Another chance for each that may have one; where one may not, the request has failed.
  private mutating func settle(_ failures: [Failure], _ now: Duration) -> Step {
    let final = failures.filter { $0.retry == nil || retries[$0.hostname, default: 0] >= limits.retries }
    guard final.isEmpty else {
      let reports = final.map { failure in
        let tries = retries[failure.hostname, default: 0]
        let tried = tries == 0 ? "" : " It was tried again \(tries) times."
        return Report(
          status: failure.status, component: failure.hostname, message: "\(failure.reason)\(tried) \(failure.remedy)")
      }
      return Step(reports: reports, action: .end(.failed))
    }
    var reports: [Report] = []
    var chances: [ComponentRetry] = []
    for failure in failures {
      guard let retry = failure.retry else { continue }
      let number = retries[failure.hostname, default: 0] + 1
      retries[failure.hostname] = number
      retriedAt[failure.hostname] = now
      reports.append(
        Report(
          status: failure.status, component: failure.hostname,
          message: "\(failure.reason) It is tried again (\(number) of \(limits.retries))."))
      chances.append(retry)
    }
    changedAt = now
    // So that the group shows as running again.
    let started = Set(failures.map(\.status.started)).sorted { $0.order < $1.order }
    reports += started.map { Report(status: $0, message: "What failed is tried again.") }
    return Step(reports: reports, action: .retry(chances))
  }

  private mutating func deletion(_ states: [ComponentState], _ now: Duration) -> Step {
    let left = states.filter { $0.status != .deleted }
    if left.isEmpty { return Step(reports: say(.deleted, "The cluster is gone."), action: .end(.deleted)) }
    guard now - changedAt >= limits.componentTimeout else { return Step(action: .wait) }
    return settle(left.map { Failure(undeleted: $0, limits.componentTimeout) }, now)
  }

  // MARK: - Said once

  private mutating func say(
    _ status: ProvisioningStatus, _ message: String, _ cluster: ClusterEndpoints? = nil
  ) -> [Report] {
    said.insert(status).inserted ? [Report(status: status, message: message, cluster: cluster)] : []
  }

  private mutating func recovered() -> [Report] {
    defer { trouble = nil }
    guard let trouble, trouble.isSaid else { return [] }
    return [Report(status: stage.started, message: "The driver answers again.")]
  }

  private var stage: Stage {
    if kind == .delete { return .deleting }
    if !isApplied { return .deploying }
    return said.contains(.bootstrapStarted) ? .bootstrapping : .provisioning
  }
}

extension ProvisioningRun.Stage {
  fileprivate var error: ProvisioningStatus {
    switch self {
    case .deploying: .deploymentError
    case .provisioning: .provisioningError
    case .bootstrapping: .bootstrapError
    case .deleting: .deleteError
    }
  }

  fileprivate var started: ProvisioningStatus { error.started }
}

extension ProvisioningStatus {
  /// The container stands, whatever became of its cookbooks.
  fileprivate var isProvisioned: Bool {
    switch self {
    case .provisioningFinished, .bootstrapStarted, .bootstrapFinished, .bootstrapError: true
    default: false
    }
  }

  /// The beginning of the step that this error belongs to.
  fileprivate var started: ProvisioningStatus {
    switch self {
    case .deploymentError: .deploymentStarted
    case .provisioningError: .provisioningStarted
    case .bootstrapError: .bootstrapStarted
    case .deleteError: .deleteStarted
    default: self
    }
  }
}

extension Duration {
  /// Seconds with one decimal.
  fileprivate var inSecondsText: String {
    let tenths = (self / .milliseconds(100)).rounded(.toNearestOrAwayFromZero)
    return "\(tenths / 10)"
  }
}

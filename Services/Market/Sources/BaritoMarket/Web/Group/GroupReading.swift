import BaritoCore

/// How far a group's cluster is. Pure: what its page says of it follows.
struct GroupReading: Sendable, Equatable {
  var group: AppGroup
  /// The newest request to the Provisioner.
  var infrastructure: Infrastructure?
  /// What happened to it, oldest first.
  var events: [ProvisioningStep]
  var components: [ComponentState]

  var hasFailed: Bool { infrastructure?.state.status.isError == true && group.stage != .active }

  var meaning: Meaning { GroupReading.meaning(of: group, infrastructure) }
  var word: String { GroupReading.word(for: group, infrastructure) }

  static func meaning(of group: AppGroup?, _ infrastructure: Infrastructure?) -> Meaning {
    if infrastructure?.state.status.isError == true { return .bad }
    guard let group, group.isEnabled, group.stage == .active else { return .unknown }
    return .good
  }

  static func word(for group: AppGroup?, _ infrastructure: Infrastructure?) -> String {
    let status = infrastructure?.state.status ?? .pending
    if status.isError { return "Needs a person" }
    guard let group, !group.isDeleted else { return status == .deleted ? "Deleted" : "Deleting" }
    guard group.isEnabled else { return "Switched off" }
    return switch group.stage {
    case .active: "Active"
    case .verifying: "Verifying"
    case .pending: "Provisioning"
    }
  }

  /// What is done to make a cluster, and what begins and ends each of it.
  private static let plan:
    [(name: String, start: ProvisioningStatus, end: ProvisioningStatus, error: ProvisioningStatus)] = [
      ("Deploy the containers", .deploymentStarted, .deploymentFinished, .deploymentError),
      ("Provision the nodes", .provisioningStarted, .provisioningFinished, .provisioningError),
      ("Set up the software", .bootstrapStarted, .bootstrapFinished, .bootstrapError),
      ("Send a line through", .verifying, .finished, .verifyError),
    ]

  /// The steps of a page, in order; none for a group that is being deleted or that nothing was asked for.
  var steps: [GroupPage.Step] {
    guard let infrastructure, infrastructure.kind == .create else { return [] }
    let status = infrastructure.state.status
    return GroupReading.plan.map { step in
      func moment(_ wanted: ProvisioningStatus?) -> Moment? {
        events.first { $0.status == wanted && $0.component == nil }.map { Moment(milliseconds: $0.at) }
      }
      let isOver = status.order >= step.end.order
      var result = GroupPage.Step(name: step.name, state: .waiting)
      result.startedAt = moment(step.start)
      if status == step.error {
        result.state = .failed
        let place = infrastructure.state.component.map { "\($0): " } ?? ""
        result.detail = place + infrastructure.state.message
        result.finishedAt = Moment(milliseconds: infrastructure.state.at)
      } else if isOver {
        result.state = .finished
        result.finishedAt = moment(step.end)
      } else if status.order >= step.start.order {
        result.state = .running
        result.detail = newestWords(since: step.start, before: step.end)
      }
      // A step that a driver does not have, such as containers on one machine, took no time that is known.
      if result.startedAt == nil { result.finishedAt = nil }
      return result
    }
  }

  /// What was said last in a step that runs.
  private func newestWords(since start: ProvisioningStatus, before end: ProvisioningStatus) -> String {
    let said = events.last { (start.order..<end.order).contains($0.status.order) && !$0.message.isEmpty }
    return said.map { step in (step.component.map { "\($0): " } ?? "") + step.message } ?? ""
  }
}

extension GroupPage.ComponentRow {
  init(_ component: ComponentState) {
    let (meaning, word): (Meaning, String) =
      switch component.status {
      case .pending: (.unknown, "Waiting")
      case .deploymentStarted, .deploymentFinished, .provisioningStarted, .provisioningFinished:
        (.unknown, "Provisioning")
      case .bootstrapStarted: (.unknown, "Being set up")
      case .bootstrapFinished, .verifying, .finished: (.good, "Set up")
      case .deploymentError, .provisioningError, .bootstrapError, .verifyError, .deleteError: (.bad, "Failed")
      case .deleteStarted: (.unknown, "Being deleted")
      case .deleted: (.unknown, "Deleted")
      }
    self.init(
      name: component.hostname, kind: component.type.rawValue, host: component.ipAddress ?? "–", meaning: meaning,
      state: word, message: component.message)
  }
}

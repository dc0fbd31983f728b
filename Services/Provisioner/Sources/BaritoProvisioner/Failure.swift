import BaritoCore

/// What became of an instance that did not come up, or did not go: the error to tell and what may help.
struct Failure: Sendable, Equatable {
  var hostname: String
  var status: ProvisioningStatus
  var reason: String
  /// For a person, once no retry is left.
  var remedy: String
  /// Nil where trying again cannot help.
  var retry: ComponentRetry?

  /// An instance that the driver says has failed.
  init(_ instance: ProvisioningPlan.Instance, _ state: ComponentState) {
    hostname = instance.hostname
    status = state.status
    let said = state.message.isEmpty ? "\(state.status.rawValue)" : state.message
    switch state.status {
    case .bootstrapError:
      reason = "The cookbooks failed on \(hostname): \(said)."
      remedy = Failure.bootstrapRemedy
      retry = ComponentRetry(hostname: hostname, type: instance.type, step: .rebootstrap)
    default:
      status = .provisioningError
      reason = "The container \(hostname) could not be made: \(said)."
      remedy = Failure.provisionRemedy
      retry = ComponentRetry(hostname: hostname, type: instance.type, step: .reschedule)
    }
  }

  /// An instance that has not moved for too long.
  /// - Parameter state: nil where the driver knows no such instance.
  init(stuck instance: ProvisioningPlan.Instance, _ state: ComponentState?, _ limit: Duration) {
    hostname = instance.hostname
    let said = state.map { $0.message.isEmpty ? "" : " (\($0.message))" } ?? ""
    switch state?.status {
    case .pending where !said.isEmpty:
      status = .provisioningError
      reason = "\(hostname) is not there after \(limit)\(said)."
      remedy = "Mend that, then ask again."
    case nil, .pending:
      status = .provisioningError
      reason = "\(hostname) found no place within \(limit)\(said)."
      remedy =
        "Look in Pathfinder whether its scheduler runs and a schedulable node has room and memory, then ask again."
    case .provisioningStarted:
      status = .provisioningError
      reason = "The container \(hostname) was not made within \(limit)\(said)."
      remedy = Failure.provisionRemedy
      retry = ComponentRetry(hostname: hostname, type: instance.type, step: .reschedule)
    case .provisioningFinished, .bootstrapStarted:
      status = .bootstrapError
      reason = "\(hostname) was not set up within \(limit)\(said)."
      remedy = Failure.bootstrapRemedy
      retry = ComponentRetry(hostname: hostname, type: instance.type, step: .rebootstrap)
    case .bootstrapFinished:
      status = .bootstrapError
      reason = "\(hostname) is set up but has no address."
      remedy = "Look at the container's network in Pathfinder, then ask again."
    default:
      status = .provisioningError
      reason = "\(hostname) is \(state?.status.rawValue ?? "gone") although it is wanted\(said)."
      remedy = "Somebody else deletes or moves it: find out who, then ask again."
    }
  }

  /// An instance that does not go.
  init(undeleted state: ComponentState, _ limit: Duration) {
    hostname = state.hostname
    status = .deleteError
    reason = "\(hostname) was not deleted within \(limit): it is \(state.status.rawValue)."
    remedy = "Look whether the agent of its node runs, delete the container in Pathfinder, then ask again."
    retry = ComponentRetry(hostname: state.hostname, type: state.type, step: .delete)
  }

  private static let provisionRemedy =
    "Look at the node of the container in Pathfinder (image, storage, memory, agent), then ask again."
  private static let bootstrapRemedy =
    "Look at the output of chef-solo in the container and at the agent of its node, then ask again."
}

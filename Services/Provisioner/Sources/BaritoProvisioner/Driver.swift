import BaritoCore

/// Makes clusters exist: the role that Pathfinder plays, or this machine. Every call may be repeated.
protocol Driver: Sendable {
  /// What is to exist for a request.
  func plan(_ request: ProvisioningRequest) -> ProvisioningPlan

  /// Asks for all of the plan to exist, or to go. Returns when that was accepted, long before it is so.
  func apply(_ plan: ProvisioningPlan) async throws(ProvisionerError)

  /// What exists now: instances of the plan and those left over from an older one.
  func observe(_ plan: ProvisioningPlan) async throws(ProvisionerError) -> [ComponentState]

  /// Gives an instance another chance.
  func retry(_ retry: ComponentRetry, of plan: ProvisioningPlan) async throws(ProvisionerError)
}

/// Another chance for one instance.
struct ComponentRetry: Sendable, Hashable {
  enum Step: String, Sendable, CaseIterable {
    /// Made again, on another node perhaps.
    case reschedule
    /// Its cookbooks run again.
    case rebootstrap
    /// Deleted by name.
    case delete
  }

  var hostname: String
  var type: ComponentType
  var step: Step
}

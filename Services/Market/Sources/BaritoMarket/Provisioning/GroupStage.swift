public import BaritoCore

/// How far a group's cluster is, apart from whether a person has switched the group off.
///
/// `pending` becomes `verifying` with the first event that says where the cluster is, `verifying` becomes `active` when
/// a line has gone all the way. Nothing turns back: a group that works is not taken away by an old event.
public enum GroupStage: String, Sendable, Codable, CaseIterable {
  case pending, verifying, active

  /// The stage after an event, when the group's state and end points are these.
  public static func after(_ stage: GroupStage, state: ProvisioningState, hasEndpoints: Bool) -> GroupStage {
    switch stage {
    case .active: .active
    case .pending, .verifying:
      hasEndpoints ? (state.status == .finished ? .active : .verifying) : .pending
    }
  }

  /// What the data plane is told.
  public func profileStatus(isEnabled: Bool) -> GroupProfile.Status {
    guard isEnabled else { return .inactive }
    return switch self {
    case .pending: .pending
    case .verifying: .verifying
    case .active: .active
    }
  }
}

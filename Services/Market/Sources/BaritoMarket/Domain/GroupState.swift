internal import BaritoCore

/// The one word that says how a group is, for people and scripts: `ACTIVE`, `INACTIVE`, or how far its cluster is.
public enum GroupState {
  public static func word(_ group: AppGroup, _ infrastructure: Infrastructure?) -> String {
    guard group.isEnabled else { return "INACTIVE" }
    guard group.stage != .active else { return "ACTIVE" }
    let status = infrastructure?.state.status ?? .pending
    // Finished, and still not active: where the cluster is has not been told yet.
    return (status == .finished ? .verifying : status).rawValue
  }
}

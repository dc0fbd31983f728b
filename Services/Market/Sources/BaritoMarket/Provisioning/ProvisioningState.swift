public import BaritoCore

/// How far one provisioning request is. Pure, and the greatest of its events by a total order: so events in any order,
/// any number of times, end in the same state.
///
/// A later step is greater than an earlier one, and its end greater than its start, so a step that is done again after
/// a crash does not turn the state back. Between the start of a step and its error the later one counts, so that a
/// step that is tried again shows as running.
public struct ProvisioningState: Sendable, Equatable {
  public var status: ProvisioningStatus
  /// For a person: what happened, and where it failed, what to do.
  public var message: String
  /// Host name of the component that failed; nil when nothing did, or the whole group.
  public var component: String?
  /// When the event happened that the state is of, in milliseconds since 1970.
  public var at: Int64

  public init(status: ProvisioningStatus = .pending, message: String = "", component: String? = nil, at: Int64 = 0) {
    self.status = status
    self.message = message
    self.component = component
    self.at = at
  }

  /// Takes what an event says, when it is greater.
  /// - Returns: whether the state changed.
  @discardableResult
  public mutating func apply(_ event: ProvisioningEvent) -> Bool {
    // A component's step is no step of the group, but its error is the group's.
    guard event.component == nil || event.status.isError else { return false }
    let next = ProvisioningState(
      status: event.status, message: event.message, component: event.component, at: event.at)
    guard isLess(than: next) else { return false }
    self = next
    return true
  }

  private func isLess(than other: ProvisioningState) -> Bool {
    let (mine, its) = (status.place, other.status.place)
    if mine != its { return mine < its }
    if at != other.at { return at < other.at }
    if status != other.status { return status.order < other.status.order }
    return (message, component ?? "") < (other.message, other.component ?? "")
  }
}

extension ProvisioningStatus {
  /// Even: a step began, or failed. Odd: it ended.
  fileprivate var place: Int {
    switch self {
    case .pending: 0
    case .deploymentStarted, .deploymentError: 2
    case .deploymentFinished: 3
    case .provisioningStarted, .provisioningError: 4
    case .provisioningFinished: 5
    case .bootstrapStarted, .bootstrapError: 6
    case .bootstrapFinished: 7
    case .verifying, .verifyError: 8
    case .finished: 9
    case .deleteStarted, .deleteError: 10
    case .deleted: 11
    }
  }
}

public import BaritoCore

/// What was asked of the Provisioner for a group, and how far it is.
public struct Infrastructure: Sendable, Equatable {
  public var requestID: String
  public var group: GroupID
  public var clusterName: ClusterName
  public var groupName: String
  public var kind: ProvisioningRequest.Kind
  public var state: ProvisioningState
  /// Milliseconds since 1970.
  public var requestedAt: Int64
}

/// A step of a request, when it was first heard of.
public struct ProvisioningStep: Sendable, Equatable {
  public var status: ProvisioningStatus
  /// Host name; nil when it is about the whole group.
  public var component: String?
  public var message: String
  /// Milliseconds since 1970.
  public var at: Int64
}

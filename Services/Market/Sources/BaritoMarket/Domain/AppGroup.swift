public import BaritoCore

/// A team's logging cluster, as Market keeps it.
public struct AppGroup: Sendable, Equatable {
  public var id: GroupID
  public var clusterName: ClusterName
  public var name: String
  public var template: ClusterTemplate
  public var stage: GroupStage
  /// False when a person has switched it off.
  public var isEnabled: Bool
  /// Nil until the cluster is provisioned.
  public var endpoints: ClusterEndpoints?
  public var maximumApps: Int
  public var limits: IngestLimits
  public var retentionDays: Int
  /// What is taken out of documents of apps that have no rules of their own.
  public var redaction: [RedactionRule] = []
  /// Milliseconds since 1970.
  public var createdAt: Int64
  public var isDeleted: Bool

  public var status: GroupProfile.Status { stage.profileStatus(isEnabled: isEnabled) }

  /// How its topics are named: as its cluster says, and until there is one, as a cluster of its own will.
  public var naming: TopicNaming { endpoints?.naming ?? TopicNaming() }
}

/// A group with what the person who asks is to it.
public struct GroupWithRole: Sendable, Equatable {
  public var group: AppGroup
  /// Nil for a superadmin who is no member.
  public var role: Role?
}

/// A user's membership of a group.
public struct Member: Sendable, Equatable {
  public var user: UserID
  public var name: String
  public var role: Role
  /// Milliseconds since 1970.
  public var addedAt: Int64
}

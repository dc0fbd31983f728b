public import BaritoCore

/// One source of lines, as Market keeps it.
public struct App: Sendable, Equatable {
  public var id: AppID
  public var group: GroupID
  public var clusterName: ClusterName
  public var name: String
  /// Unique in the group.
  public var topicName: String
  public var status: AppProfile.Status
  public var limits: IngestLimits
  public var overload: AppProfile.Overload
  /// The app's own, nil: as long as the group's.
  public var ownRetentionDays: Int?
  /// The app's own or the group's.
  public var retentionDays: Int
  /// The app's own rules, nil: as its group says.
  public var redaction: [RedactionRule]?
  public var isProbe: Bool
  /// Milliseconds since 1970.
  public var createdAt: Int64
  public var isDeleted: Bool
}

/// A secret of an app or a group: everything but its value, which nobody keeps.
public struct StoredSecret: Sendable, Equatable {
  public var id: Int64
  /// Milliseconds since 1970.
  public var createdAt: Int64
  /// When it last let a sender in, to about a minute; nil: never.
  public var lastUsedAt: Int64?
}

/// A secret when it is made: the only time that its value can be had.
public struct NewSecret: Sendable, Equatable {
  public var id: Int64
  public var value: String
}

/// Whose secret it is.
public enum SecretOwner: Sendable, Hashable {
  case app(AppID)
  case group(GroupID)
}

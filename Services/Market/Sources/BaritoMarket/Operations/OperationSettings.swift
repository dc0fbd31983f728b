public import BaritoCore

/// What new groups and apps get when nobody says otherwise, and how far one may go.
public struct OperationSettings: Sendable, Equatable {
  /// How many apps a group may have.
  public var maximumApps = 100
  /// How long a group keeps its lines.
  public var retentionDays = 30
  /// The longest retention that may be asked for.
  public var maximumRetentionDays = 365
  /// Whether groups share one Kafka: their topics then carry the cluster's name. Until a cluster tells how its topics
  /// are named, this decides what registration shows.
  public var topicsAreShared = false
  /// Where senders reach the Router.
  public var router = RouterAddresses()
  /// What groups can be made of.
  public var templates = ClusterTemplate.sizes

  public init() {}

  /// How topics of a group are named.
  public func naming(of group: AppGroup) -> TopicNaming {
    group.endpoints?.naming ?? (topicsAreShared ? .shared(by: group.clusterName) : TopicNaming())
  }
}

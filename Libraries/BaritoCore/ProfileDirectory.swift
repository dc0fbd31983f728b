/// All profiles that a service knows, by every key that it looks them up by.
///
/// A value: the feed applies pages to its own copy and swaps it in whole, so a reader never sees half a page.
public struct ProfileDirectory: Sendable {
  /// The feed's version that this directory holds; 0 when it holds nothing.
  public private(set) var version: Int64 = 0
  public private(set) var groups: [ClusterName: GroupProfile] = [:]
  public private(set) var apps: [AppID: AppProfile] = [:]
  private var appBySecret: [SecretHash: AppID] = [:]
  private var groupBySecret: [SecretHash: ClusterName] = [:]
  private var appByTopicName: [TopicKey: AppID] = [:]
  private var appByTopic: [String: AppID] = [:]

  private struct TopicKey: Hashable {
    var cluster: ClusterName
    var topicName: String
  }

  public init() {}

  /// The directory as one page: what is kept on disk.
  public var snapshot: ProfilePage {
    ProfilePage(
      version: version, groups: groups.values.sorted { $0.clusterName.rawValue < $1.clusterName.rawValue },
      apps: apps.values.sorted { $0.id.rawValue < $1.id.rawValue })
  }

  public mutating func apply(_ page: ProfilePage) {
    for group in page.groups { apply(group) }
    for app in page.apps { apply(app) }
    version = max(version, page.version)
  }

  private mutating func apply(_ group: GroupProfile) {
    for secret in groups[group.clusterName]?.secrets ?? [] { groupBySecret[secret] = nil }
    guard !group.isDeleted else {
      groups[group.clusterName] = nil
      return
    }
    let namingChanged = groups[group.clusterName]?.cluster?.naming != group.cluster?.naming
    groups[group.clusterName] = group
    for secret in group.secrets { groupBySecret[secret] = group.clusterName }
    if namingChanged {
      for app in apps.values where app.clusterName == group.clusterName {
        if let topic = topic(of: app) { appByTopic[topic] = app.id }
      }
    }
  }

  private mutating func apply(_ app: AppProfile) {
    if let old = apps[app.id] {
      for secret in old.secrets { appBySecret[secret] = nil }
      appByTopicName[TopicKey(cluster: old.clusterName, topicName: old.topicName)] = nil
      if let topic = topic(of: old) { appByTopic[topic] = nil }
    }
    guard !app.isDeleted else {
      apps[app.id] = nil
      return
    }
    apps[app.id] = app
    for secret in app.secrets { appBySecret[secret] = app.id }
    appByTopicName[TopicKey(cluster: app.clusterName, topicName: app.topicName)] = app.id
    if let topic = topic(of: app) { appByTopic[topic] = app.id }
  }

  private func topic(of app: AppProfile) -> String? {
    groups[app.clusterName]?.cluster?.naming.topic(for: app.topicName)
  }

  public func app(secret: SecretHash) -> AppProfile? { appBySecret[secret].flatMap { apps[$0] } }
  public func group(secret: SecretHash) -> GroupProfile? { groupBySecret[secret].flatMap { groups[$0] } }

  /// The app whose lines a topic holds, by the topic's full name.
  ///
  /// Where clusters are not shared two groups may have topics of one name, but then each group has services of its own.
  public func app(topic: String) -> AppID? { appByTopic[topic] }

  public func app(topicName: String, in cluster: ClusterName) -> AppProfile? {
    appByTopicName[TopicKey(cluster: cluster, topicName: topicName)].flatMap { apps[$0] }
  }

  /// What is taken out of the documents of an app: its own rules, which replace its group's.
  public func redaction(of app: AppID) -> [RedactionRule] {
    guard let app = apps[app] else { return [] }
    return app.redaction ?? groups[app.clusterName]?.redaction ?? []
  }

  /// What is taken out of the documents of a topic. Where no app is known that it belongs to, such as one that was made
  /// just now, its group's rules hold, if its name says which group that is; nil where it does not.
  public func redaction(topic: String) -> [RedactionRule]? {
    if let app = app(topic: topic) { return redaction(of: app) }
    guard let dot = topic.utf8.firstIndex(of: UInt8(ascii: ".")),
      let group = groups[ClusterName(String(topic[..<dot]))],
      group.cluster?.naming.prefix == String(topic[...dot])
    else { return nil }
    return group.redaction ?? []
  }
}

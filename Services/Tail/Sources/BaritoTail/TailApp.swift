import BaritoCore

/// An app as a session reads it.
struct TailApp: Sendable, Equatable {
  var id: AppID
  /// What viewers call it: its name, with the cluster in front where another app of the session has the same.
  var label: String
  /// The label as JSON.
  var labelJSON: [UInt8]
  var topic: String
  /// `host:port[,host:port…]`
  var brokers: String

  init(id: AppID, label: String, topic: String, brokers: String) {
    self.id = id
    self.label = label
    self.topic = topic
    self.brokers = brokers
    var json = JSONWriter()
    json.value(label)
    labelJSON = json.bytes
  }

  /// The apps of these numbers, in their order.
  static func find(_ ids: [AppID], in profiles: borrowing ProfileDirectory) -> Result<[TailApp], TailRefusal> {
    let profilesOfApps = ids.map { profiles.apps[$0] }
    var found: [TailApp] = []
    for (id, app) in zip(ids, profilesOfApps) {
      guard let app else {
        return .failure(
          TailRefusal(.groupNotReady, "app \(id) is so new that its profile has not come yet: try again", retryAfter: 1)
        )
      }
      guard let cluster = profiles.groups[app.clusterName]?.cluster else {
        return .failure(
          TailRefusal(
            .groupNotReady, "the cluster \(app.clusterName) of the app \(app.name) is not provisioned yet: try later",
            retryAfter: 30))
      }
      if found.contains(where: { $0.id == id }) { continue }
      let isAlone = profilesOfApps.allSatisfy { $0?.name != app.name || $0?.clusterName == app.clusterName }
      found.append(
        TailApp(
          id: id, label: isAlone ? app.name : "\(app.clusterName)/\(app.name)",
          topic: cluster.naming.topic(for: app.topicName), brokers: cluster.kafkaBrokers))
    }
    return .success(found)
  }
}

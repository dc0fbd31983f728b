import BaritoCore

/// Who a request is from and where its lines go, or why it may not send. Pure: the directory and the hash are given.
enum Admission: Sendable, Equatable {
  case admitted(Destination)
  /// A group's secret is right and names an app that the directory does not hold: Market may make it.
  case unknownApp(name: String, group: GroupProfile)
  case refused(Refusal)

  /// The app that lines are for, and its topic.
  struct Destination: Sendable, Equatable {
    var app: AppProfile
    var cluster: ClusterEndpoints
    var topic: String
  }

  /// - Parameter hash: SHA-256 of a secret's bytes.
  init(_ credentials: Credentials, in directory: borrowing ProfileDirectory, hash: (String) -> SecretHash) {
    switch credentials {
    case .none:
      self = .refused(
        Refusal(
          .noSecret,
          "Send the app's secret as X-App-Secret, or the group's as X-App-Group-Secret together with X-App-Name."))
    case .nameMissing:
      self = .refused(Refusal(.noSecret, "X-App-Group-Secret was sent without X-App-Name: name the app as well."))
    case .app(let secret):
      guard let app = directory.app(secret: hash(secret)) else {
        self = .refused(
          Refusal(.unknownSecret, "The secret was never given out, or it was revoked. The app's page in Barito has it.")
        )
        return
      }
      self.init(app, of: directory.groups[app.clusterName])
    case .group(let secret, let appName):
      guard let group = directory.group(secret: hash(secret)) else {
        self = .refused(
          Refusal(
            .unknownSecret, "The group's secret was never given out, or it was revoked. The group's page has it."))
        return
      }
      let topicName: String
      do throws(AppName.Refusal) {
        topicName = try AppName.topicName(for: appName)
      } catch {
        self = .refused(Refusal(.invalidAppName, "X-App-Name cannot name an app: \(error.description)"))
        return
      }
      guard let app = directory.app(topicName: topicName, in: group.clusterName) else {
        self = .unknownApp(name: appName, group: group)
        return
      }
      self.init(app, of: group)
    }
  }

  init(_ app: AppProfile, of group: GroupProfile?) {
    guard let group else {
      self = .refused(Refusal(.groupInactive, "The group of app \(app.name) was deleted."))
      return
    }
    guard app.status == .active else {
      self = .refused(
        Refusal(.appInactive, "App \(app.name) was switched off; a member of \(group.name) can switch it on again."))
      return
    }
    guard group.status != .inactive else {
      self = .refused(
        Refusal(.groupInactive, "Group \(group.name) was switched off; one of its owners can switch it on again."))
      return
    }
    guard group.status == .active || app.isProbe, let cluster = group.cluster else {
      self = .refused(
        Refusal(
          .groupNotReady, "Group \(group.name) is being provisioned; its page shows how far it is. Send again later.",
          retryAfter: .seconds(5)))
      return
    }
    self = .admitted(Destination(app: app, cluster: cluster, topic: cluster.naming.topic(for: app.topicName)))
  }
}

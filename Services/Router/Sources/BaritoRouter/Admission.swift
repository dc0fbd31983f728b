import BaritoCore

/// Who a request is from and where its lines go, or why it may not send. Pure: the directory and the hash are given.
enum Admission: Sendable, Equatable {
  case admitted(Destination)
  /// A group's secret is right and names an app that the directory does not hold: Market may make it.
  case unknownApp(name: String, topicName: String, group: GroupProfile)
  case refused(Refusal)

  /// The app that lines are for, and its topic.
  struct Destination: Sendable, Equatable {
    var app: AppProfile
    var cluster: ClusterEndpoints
    var topic: String
    /// Of all apps of the group together.
    var groupLimits: IngestLimits
  }

  /// - Parameter hash: SHA-256 of the secret in the credentials; nil when there is none.
  init(_ credentials: Credentials, _ hash: SecretHash?, in directory: borrowing ProfileDirectory) {
    switch credentials {
    case .none:
      self = .refused(
        Refusal(
          .noSecret,
          "Send the app's secret as X-App-Secret, or the group's as X-App-Group-Secret together with X-App-Name."))
    case .nameMissing:
      self = .refused(Refusal(.noSecret, "X-App-Group-Secret was sent without X-App-Name: name the app as well."))
    case .app:
      guard let app = hash.flatMap({ directory.app(secret: $0) }) else {
        self = .refused(
          Refusal(.unknownSecret, "The secret was never given out, or it was revoked. The app's page in Barito has it.")
        )
        return
      }
      self.init(app, of: directory.groups[app.clusterName])
    case .group(_, let appName):
      guard let group = hash.flatMap({ directory.group(secret: $0) }) else {
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
        let refusal = Admission.refusal(by: group)
        self = refusal.map { .refused($0) } ?? .unknownApp(name: appName, topicName: topicName, group: group)
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
    if let refusal = Admission.refusal(by: group, isProbe: app.isProbe) {
      self = .refused(refusal)
      return
    }
    guard let cluster = group.cluster else {
      self = .refused(Admission.notReady(group))
      return
    }
    self = .admitted(
      Destination(
        app: app, cluster: cluster, topic: cluster.naming.topic(for: app.topicName), groupLimits: group.limits))
  }

  /// Why nobody, or nobody but the platform's own probe, may send to a group; nil when apps may.
  private static func refusal(by group: GroupProfile, isProbe: Bool = false) -> Refusal? {
    if group.status == .inactive {
      return Refusal(
        .groupInactive, "Group \(group.name) was switched off; one of its owners can switch it on again.")
    }
    return group.cluster != nil && (group.status == .active || isProbe) ? nil : notReady(group)
  }

  private static func notReady(_ group: GroupProfile) -> Refusal {
    Refusal(
      .groupNotReady, "Group \(group.name) is being provisioned; its page shows how far it is. Send again later.",
      retryAfter: .seconds(5))
  }
}

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

  init(_ credentials: Credentials, in directory: borrowing ProfileDirectory) {
    switch credentials {
    case .none:
      self = .refused(
        Refusal(
          .noSecret,
          "Send the app's secret as X-App-Secret, or the group's as X-App-Group-Secret together with X-App-Name."))
    case .nameMissing:
      self = .refused(Refusal(.noSecret, "X-App-Group-Secret was sent without X-App-Name: name the app as well."))
    case .unreadable:
      self = .refused(
        Refusal(.noSecret, "Authorization is neither Bearer with the app's secret nor Basic with it as the password."))
    case .app(let hash):
      self = Admission.byApp(hash, in: directory) ?? .refused(Admission.unknown)
    case .basic(let user, let hash):
      self =
        Admission.byApp(hash, in: directory) ?? Admission.byGroup(hash, user, in: directory)
        ?? .refused(Admission.unknown)
    case .group(let hash, let appName):
      self =
        Admission.byGroup(hash, appName, in: directory)
        ?? .refused(
          Refusal(
            .unknownSecret, "The group's secret was never given out, or it was revoked. The group's page has it."))
    }
  }

  private static let unknown = Refusal(
    .unknownSecret, "The secret was never given out, or it was revoked. The app's page in Barito makes another.")

  /// nil when no app has the secret.
  private static func byApp(_ hash: SecretHash, in directory: borrowing ProfileDirectory) -> Admission? {
    guard let app = directory.app(secret: hash) else { return nil }
    return Admission(app, of: directory.groups[app.clusterName])
  }

  /// nil when no group has the secret.
  private static func byGroup(
    _ hash: SecretHash, _ appName: String, in directory: borrowing ProfileDirectory
  ) -> Admission? {
    guard let group = directory.group(secret: hash) else { return nil }
    let topicName: String
    do throws(AppName.Refusal) {
      topicName = try AppName.topicName(for: appName)
    } catch {
      return .refused(
        Refusal(.invalidAppName, "The name sent with the group's secret cannot name an app: \(error.description)"))
    }
    if let app = directory.app(topicName: topicName, in: group.clusterName) { return Admission(app, of: group) }
    return refusal(by: group).map { .refused($0) } ?? .unknownApp(name: appName, topicName: topicName, group: group)
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

  /// The app, where it is known already.
  var app: AppID? {
    guard case .admitted(let destination) = self else { return nil }
    return destination.app.id
  }

  /// The topic that lines go to, or would go to once the app is made; empty for nobody.
  var topic: String {
    switch self {
    case .admitted(let destination): destination.topic
    case .unknownApp(_, let topicName, let group): group.cluster?.naming.topic(for: topicName) ?? ""
    case .refused: ""
    }
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

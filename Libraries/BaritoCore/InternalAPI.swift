/// What the services ask of Market besides the feed, with the service token. JSON both ways.
public enum InternalAPI {
  public static let profilesPath = "/internal/v1/profiles"
  /// `GET`: what changed after a version, as a `ProfilePage`, or after `wait` seconds that nothing did.
  /// - Parameters:
  ///   - instance: who asks; nil is not counted.
  ///   - routers: the number of Routers that is known: another one is news, and is answered at once.
  ///   - isLeaving: asks no more after this, so it is not to be counted any longer.
  public static func profiles(
    after version: Int64, wait: Int, from instance: ServiceInstance? = nil, routers: Int? = nil, isLeaving: Bool = false
  ) -> String {
    var path = "\(profilesPath)?after=\(version)&wait=\(wait)"
    // Only letters that need no escape.
    if let instance, instance.isValid { path += "&service=\(instance.service)&instance=\(instance.instance)" }
    if let routers { path += "&routers=\(routers)" }
    return isLeaving ? path + "&leaving=1" : path
  }
  public static let appsPath = "/internal/v1/apps"
  public static let accessPath = "/internal/v1/access"
  public static func probePath(_ cluster: ClusterName) -> String { "/internal/v1/groups/\(cluster)/probe" }

  /// `POST /internal/v1/apps`, by the Router, when a group's secret names an app that it does not know. Answers 200
  /// with the app's `AppProfile`, whether it is new or not; 403 when the group has as many apps as it may; 422 when the
  /// name is not allowed.
  public struct CreateApp: Codable, Sendable, Equatable {
    public var clusterName: ClusterName
    public var name: String

    public init(clusterName: ClusterName, name: String) {
      self.clusterName = clusterName
      self.name = name
    }

    enum CodingKeys: String, CodingKey {
      case clusterName = "cluster_name"
      case name
    }
  }

  /// `POST /internal/v1/access`, by Tail: may whoever holds this token read these apps? Answers 200 with `Access`; 401
  /// for an unknown token, 403 when an app may not be read, 404 when there is none of that name (to this user).
  public struct AskAccess: Codable, Sendable, Equatable {
    /// The user's API token, in clear.
    public var token: String
    /// Each an app's number, its name where that is unique among the user's, or `<cluster_name>/<name>`.
    public var apps: [String]

    public init(token: String, apps: [String]) {
      self.token = token
      self.apps = apps
    }
  }

  public struct Access: Codable, Sendable, Equatable {
    public var user: String
    /// In the order asked.
    public var apps: [AppID]

    public init(user: String, apps: [AppID]) {
      self.user = user
      self.apps = apps
    }
  }

  /// `POST /internal/v1/groups/{cluster_name}/probe`, by the Provisioner: a fresh secret of the group's probe app. The
  /// one before it stays valid, older ones do not.
  public struct Probe: Codable, Sendable, Equatable {
    public var app: AppID
    public var secret: String

    public init(app: AppID, secret: String) {
      self.app = app
      self.secret = secret
    }

    enum CodingKeys: String, CodingKey {
      case app = "app_id"
      case secret
    }
  }
}

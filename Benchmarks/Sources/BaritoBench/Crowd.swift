import BaritoCore
import BaritoService

/// The profiles of a large company: groups of a thousand apps, of which the first so many send.
struct Crowd {
  var apps: Int
  var sending: Int

  /// The number of an app behind it makes its secret.
  static let secretPrefix = "secret-of-app-"
  private static let groupSize = 1000

  func page(brokers: String) -> ProfilePage {
    let endpoints = ClusterEndpoints(
      kafkaBrokers: brokers, elasticsearchURL: "http://127.0.0.1:1", naming: Stage.naming, partitions: 1)
    let groups = (0..<max(1, (apps + Crowd.groupSize - 1) / Crowd.groupSize)).map { number in
      GroupProfile(clusterName: Crowd.cluster(number), name: "Group \(number)", status: .active, cluster: endpoints)
    }
    let apps = (0..<apps).map { number in
      AppProfile(
        id: AppID(Int64(number + 1)), clusterName: Crowd.cluster(number / Crowd.groupSize), name: "app-\(number)",
        topicName: "crowd-\(number)", secrets: [SecretHash(of: "\(Crowd.secretPrefix)\(number)")])
    }
    return ProfilePage(version: 1, groups: groups, apps: apps)
  }

  private static func cluster(_ number: Int) -> ClusterName { ClusterName("crowd\(number)") }
}
